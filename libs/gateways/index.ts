export * from './contract';
export { gatewayDefinitions } from './registry';
export { isUsableIntent } from './upi';
