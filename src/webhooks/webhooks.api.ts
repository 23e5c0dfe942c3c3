export { WebhookTroubles } from './webhook-troubles';
