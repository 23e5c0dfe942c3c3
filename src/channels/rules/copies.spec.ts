import { registeredNamesOf } from './copies';

it.each([
  ['a text that is registered here', 'push', { registered: 'cart' }, ['push/cart']],
  ['a template of WhatsApp, and those that are sent instead', 'whatsapp', { name: 'pay', language: 'en', instead: [{ name: 'pay_2', language: 'en' }] }, ['whatsapp/pay/en', 'whatsapp/pay_2/en']], // prettier-ignore
  ['a DLT template', 'sms', { id: '64f0', variables: {} }, ['sms/64f0']],
  ['texts of the journey itself', 'push', { title: 'Your cart', body: 'It is here.' }, []],
])('%s has its registered names', (_what, channel, template, names) =>
  expect(registeredNamesOf(channel, template)).toEqual(names),
);
