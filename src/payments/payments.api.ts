export { AskGateways, type Standing } from './ask-gateways';
export { Gateways } from './gateways';
export { type MadeLink, MakePaymentLink } from './make-payment-link';
export { askOf, gatewayFor } from './rules/standing';
