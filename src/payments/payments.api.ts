export { AskGateways, type Standing } from './ask-gateways';
export { Gateways } from './gateways';
export { askOf } from './rules/standing';
