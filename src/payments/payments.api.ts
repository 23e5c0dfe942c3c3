export { AskGateways, type Standing } from './ask-gateways';
export { Gateways, takesUp } from './gateways';
export { type MadeLink, MakePaymentLink } from './make-payment-link';
export { askOf, type End, endingNames, endOf, gatewayFor } from './rules/standing';
