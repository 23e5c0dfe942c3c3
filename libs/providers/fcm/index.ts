export { fcm } from './fcm.provider';
