export { createKeyIn } from './create-key';
export { Authenticate } from './authenticate';
export { CallerOf, Needs, NeedsWriteKey, Open, type Caller, type CallerRequest } from './caller';
export { SCOPES, type Scope } from './rules/api-key';
