export { type LedgerEntry, type PushShown, type SmsShown, type WhatsAppShown } from './ledger';
export { environmentName, type SandboxOptions, type SmsTemplate, type WhatsAppTemplate } from './options';
export { type Sandbox, startSandbox } from './sandbox';
