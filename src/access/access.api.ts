export { ListKeys } from './list-keys';
export { Authenticate } from './authenticate';
export { CallerOf, Needs, NeedsUnless, NeedsWriteKey, Open, type Caller, type CallerRequest } from './caller';
export { AT_FIRST_START, type Operation } from './rules/operation';
export { operationAudit } from './store/operation-audit.store';
export { SCOPES, type Scope } from './rules/api-key';
