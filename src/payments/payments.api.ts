export { AskGateways, type Standing } from './ask-gateways';
export { Gateways } from './gateways';
export { type MadeLink, MakePaymentLink } from './make-payment-link';
export { askOf, type End, endingNames, endOf, gatewayFor } from './rules/standing';
