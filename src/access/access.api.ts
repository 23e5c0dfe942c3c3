export { createKeyIn } from './create-key';
export { Authenticate } from './authenticate';
export { CallerOf, Needs, Open, type Caller, type CallerRequest } from './caller';
export { SCOPES, type Scope } from './rules/api-key';
