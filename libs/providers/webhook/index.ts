export { webhook } from './webhook.provider';
