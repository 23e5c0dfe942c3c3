export { whatsAppCloud } from './whatsapp-cloud.provider';
