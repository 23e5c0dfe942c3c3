export { findEmbeddedPostgres } from './find';
export { startEmbeddedPostgres, type EmbeddedPostgres, type EmbeddedPostgresOptions } from './start';
export { EmbeddedPostgresError, type EmbeddedPostgresErrorCode } from './errors';
