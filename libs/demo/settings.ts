import { generateKeyPairSync } from 'node:crypto';
import { type Environment } from './child';
import { type Ports } from './ports';
import { Shop } from './shop';
import { type ClockAnchor } from './story-clock';

/** 11:00 in India on a Monday, and a business hour in fifteen seconds. */
const CLOCK_START = '2026-11-23T11:00:00+05:30';
const CLOCK_RATE = 240;
/** The same each time: arms are hashes of customer ids under this secret, and the same seed shall give the same arms. */
const SECRET = 'wapas-demo-secret-known-to-everybody';
export const RAZORPAY_SECRET = 'demo-razorpay-secret';
const FCM_PROJECT = 'wapas-demo';
const FCM_CLIENT = 'wapas@wapas-demo.example';
const WHATSAPP_TOKEN = 'demo-whatsapp-token';
const WHATSAPP_NUMBER = '1000';
const WHATSAPP_ACCOUNT = '102290129340398';
const WHATSAPP_SECRET = 'demo-whatsapp-app-secret';
const MSG91_KEY = 'demo-msg91-key';
const MSG91_TOKEN = '5d0f6a3b91c84e27b6a0d1f3c2e49758';

/** Of the caller's environment only what is no setting of ours: a stray one would change the story. */
export function plainEnvironment(): Environment {
  const ours = /^(WAPAS|SANDBOX|FCM|WHATSAPP|MSG91|RAZORPAY|DATABASE|REDIS|LOG)_|^(PORT|HOST)$/;
  return Object.fromEntries(
    Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined && !ours.test(entry[0])),
  );
}

/** The service account's key pair: the application signs with one half, the sandbox checks with the other. */
export const newFcmKeys = (): { publicKey: string; privateKey: string } =>
  generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });

/** As an operator would set them, with the vendors' addresses pointing at the sandbox. */
export function applicationSettings(ports: Ports, fcmPrivateKey: string): Environment {
  const sandbox = `http://127.0.0.1:${ports.sandbox}`;
  return {
    WAPAS_MODE: 'sandbox',
    PORT: String(ports.app),
    LOG_LEVEL: 'warn',
    WAPAS_PUBLIC_URL: `http://127.0.0.1:${ports.app}`,
    WAPAS_SECRET: SECRET,
    WAPAS_CLOCK_START: CLOCK_START,
    WAPAS_CLOCK_RATE: String(CLOCK_RATE),
    WAPAS_PAY_URL: Shop.payUrl(ports.shop),
    RAZORPAY_WEBHOOK_SECRET: RAZORPAY_SECRET,
    FCM_SERVICE_ACCOUNT: JSON.stringify({
      type: 'service_account',
      project_id: FCM_PROJECT,
      private_key_id: 'demo-key',
      private_key: fcmPrivateKey,
      client_email: FCM_CLIENT,
      token_uri: `${sandbox}/fcm/token`,
    }),
    FCM_BASE_URL: `${sandbox}/fcm`,
    WHATSAPP_ACCESS_TOKEN: WHATSAPP_TOKEN,
    WHATSAPP_PHONE_NUMBER_ID: WHATSAPP_NUMBER,
    WHATSAPP_BUSINESS_ACCOUNT_ID: WHATSAPP_ACCOUNT,
    WHATSAPP_APP_SECRET: WHATSAPP_SECRET,
    WHATSAPP_VERIFY_TOKEN: 'demo-verify-token-0123456789',
    WHATSAPP_BASE_URL: `${sandbox}/whatsapp`,
    // Six real seconds would be minutes of the story.
    WHATSAPP_PAIR_EVERY_MS: '1',
    MSG91_AUTH_KEY: MSG91_KEY,
    MSG91_BASE_URL: `${sandbox}/msg91`,
    MSG91_WEBHOOK_TOKEN: MSG91_TOKEN,
  };
}

export interface SandboxWishes {
  readonly ledgerFile: string;
  readonly anchor: ClockAnchor;
  readonly fcmPublicKey: string;
  /** With it the handset page reports opened pushes as the app would. */
  readonly publishableKey: string;
  readonly refuseAll: boolean;
}

/** The same secrets as the application's: the vendors check what they are given. */
export function sandboxSettings(ports: Ports, wishes: SandboxWishes): Environment {
  const app = `http://127.0.0.1:${ports.app}`;
  return {
    SANDBOX_PORT: String(ports.sandbox),
    SANDBOX_LEDGER_FILE: wishes.ledgerFile,
    SANDBOX_REFUSE_ALL: String(wishes.refuseAll),
    SANDBOX_CLOCK_START: new Date(wishes.anchor.business).toISOString(),
    SANDBOX_CLOCK_ANCHOR: new Date(wishes.anchor.real).toISOString(),
    SANDBOX_CLOCK_RATE: String(wishes.anchor.rate),
    SANDBOX_FCM_PUBLIC_KEY: wishes.fcmPublicKey,
    SANDBOX_FCM_PROJECT_ID: FCM_PROJECT,
    SANDBOX_FCM_CLIENT_EMAIL: FCM_CLIENT,
    SANDBOX_WHATSAPP_TOKEN: WHATSAPP_TOKEN,
    SANDBOX_WHATSAPP_APP_SECRET: WHATSAPP_SECRET,
    SANDBOX_WHATSAPP_PHONE_NUMBER_ID: WHATSAPP_NUMBER,
    SANDBOX_WHATSAPP_BUSINESS_ACCOUNT_ID: WHATSAPP_ACCOUNT,
    SANDBOX_WHATSAPP_WEBHOOK_URL: `${app}/webhooks/providers/whatsapp-cloud`,
    SANDBOX_WHATSAPP_BUTTON_PREFIX: `${app}/WAPAS/`,
    SANDBOX_WHATSAPP_TEMPLATES: JSON.stringify(WHATSAPP_TEMPLATES),
    SANDBOX_MSG91_AUTH_KEY: MSG91_KEY,
    SANDBOX_MSG91_WEBHOOK_URL: `${app}/webhooks/providers/msg91/${MSG91_TOKEN}`,
    SANDBOX_SMS_TEMPLATES: JSON.stringify(SMS_TEMPLATES),
    SANDBOX_WAPAS_URL: app,
    SANDBOX_WAPAS_PUBLISHABLE_KEY: wishes.publishableKey,
  };
}

/**
 * As they would be registered with Meta and on DLT for the starter journeys. A utility template lives until the next step
 * at the most: "complete your payment" must not arrive after the SMS.
 */
export const WHATSAPP_TEMPLATES = [
  {
    name: 'payment_failed_v1',
    language: 'en',
    body: 'Your payment of {{2}} for order {{1}} did not go through. Your items are saved.',
    button: 'Complete payment',
    ttlSeconds: 6_300,
  },
  {
    name: 'payment_other_way_v1',
    language: 'en',
    body: 'Your payment of {{2}} for order {{1}} did not go through. Another card, UPI or net banking may work.',
    button: 'Complete payment',
    ttlSeconds: 6_300,
  },
  {
    name: 'payment_confirming_v1',
    language: 'en',
    body: 'We are confirming your payment of {{2}} for order {{1}} with the bank. Money that left your account is confirmed or returned automatically.',
    ttlSeconds: 6_300,
  },
  {
    name: 'kyc_retake_photo_v1',
    language: 'en',
    body: 'Application {{1}}: the photo of your ID was not clear. A flat surface, daylight and all four corners help.',
    button: 'Retake photo',
    ttlSeconds: 9_900,
  },
  {
    name: 'kyc_upload_again_v1',
    language: 'en',
    body: 'Application {{1}}: one document needs to be uploaded again.',
    button: 'Upload',
    ttlSeconds: 9_900,
  },
  {
    name: 'kyc_reminder_v1',
    language: 'en',
    body: 'Application {{1}} waits for one document.',
    button: 'Upload',
    ttlSeconds: 43_200,
  },
  {
    name: 'kyc_status_v1',
    language: 'en',
    body: 'Application {{1}} is saved. Next: {{2}}.',
    button: 'Continue',
    ttlSeconds: 43_200,
  },
  {
    name: 'debit_failed_v1',
    language: 'en',
    body: 'The debit of {{1}} due on {{2}} did not go through.',
    button: 'Pay now',
    ttlSeconds: 12_600,
  },
  {
    name: 'debit_failed_retry_v1',
    language: 'en',
    body: 'The debit of {{1}} due on {{2}} did not go through. The next one is due on {{3}}.',
    button: 'Pay now',
    ttlSeconds: 12_600,
  },
  {
    name: 'sip_missed_v1',
    language: 'en',
    body: 'The instalment of {{1}} due on {{2}} was missed. After several misses the fund house may stop the SIP.',
    button: 'Pay now',
    ttlSeconds: 12_600,
  },
  {
    name: 'mandate_renew_v1',
    language: 'en',
    body: 'The debit of {{1}} due on {{2}} did not go through because AutoPay has ended.',
    button: 'Set up AutoPay',
    ttlSeconds: 12_600,
  },
  {
    name: 'debit_reminder_v1',
    language: 'en',
    body: 'The instalment of {{1}} due on {{2}} is not paid yet.',
    button: 'Pay now',
    ttlSeconds: 43_200,
  },
  {
    name: 'cart_reminder_v1',
    language: 'en',
    category: 'MARKETING',
    body: '{{1}} for {{2}} is still in your bag.',
    button: 'View cart',
  },
  {
    name: 'checkout_resume_v1',
    language: 'en',
    category: 'MARKETING',
    body: 'Your checkout of {{1}} is saved.',
    button: 'Continue',
  },
];
const SMS_TEMPLATES = [
  { id: '64f0c0ffee00000000000001', text: 'Wapas Demo: payment for order ##order## is not complete. Finish here: ##url##' },
  {
    id: '64f0c0ffee00000000000002',
    text: 'Wapas Demo: your KYC document needs to be uploaded again (ref ##ref##). Continue: ##url##',
  },
];
