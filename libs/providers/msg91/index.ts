export { msg91 } from './msg91.provider';
