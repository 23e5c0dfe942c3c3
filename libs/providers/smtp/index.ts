export { smtp } from './smtp.provider';
