import { generateKeyPairSync, sign } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { type AddressInfo } from 'node:net';
import { type Sandbox, type SandboxOptions, startSandbox } from './index';
import { isObject, type Json } from './wire';

/** Starts sandboxes and webhook receivers for one spec file, and ends them all. */
export class Bench {
  private readonly open: (() => Promise<void>)[] = [];

  async sandbox(options: Partial<SandboxOptions> = {}): Promise<Sandbox> {
    const sandbox = await startSandbox({ receiptsSentAfterMs: 5, receiptsDeliveredAfterMs: 20, receiptsRetryMs: 10, ...options });
    this.open.push(() => sandbox.close());
    return sandbox;
  }

  async receiver(answer: (nth: number) => number = () => 200): Promise<Receiver> {
    const received: Received[] = [];
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        received.push({ url: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks).toString() });
        const challenge = new URL(request.url ?? '/', 'http://x').searchParams.get('hub.challenge');
        response.writeHead(answer(received.length)).end(challenge ?? '');
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    this.open.push(async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    });
    return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhook`, received };
  }

  async close(): Promise<void> {
    for (const close of this.open.splice(0)) await close();
  }
}

export interface Received {
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Receiver {
  readonly url: string;
  readonly received: readonly Received[];
}

export interface Heard {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly json: Json;
}

export async function post(url: string, body: unknown, headers: Record<string, string> = {}): Promise<Heard> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return hear(
    await fetch(url, {
      method: 'POST',
      body: text,
      headers: { 'content-type': 'application/json', ...headers },
      redirect: 'manual',
    }),
  );
}

export async function get(url: string): Promise<Heard> {
  return hear(await fetch(url));
}

async function hear(response: Response): Promise<Heard> {
  const text = await response.text();
  const parsed: unknown = text.startsWith('{') ? JSON.parse(text) : {};
  return { status: response.status, headers: response.headers, text, json: isObject(parsed) ? parsed : {} };
}

/** Looks again until it holds; the test's own time-out is the limit. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
}

export const WHATSAPP = { authorization: 'Bearer wa-token' };
export const MSG91 = { authkey: 'sms-key' };

export function sendWhatsApp(sandbox: Sandbox, changes: Json = {}, headers: Record<string, string> = WHATSAPP): Promise<Heard> {
  return post(`${sandbox.url}/whatsapp/v25.0/1001/messages`, { ...templateMessage(), ...changes }, headers);
}

export function templateMessage(): Json {
  return {
    messaging_product: 'whatsapp',
    to: '919812345678',
    type: 'template',
    biz_opaque_callback_data: 'att-1',
    template: {
      name: 'payment_failed',
      language: { code: 'en' },
      components: [
        { type: 'body', parameters: [textParameter('Asha'), textParameter('₹1,499')] },
        { type: 'button', sub_type: 'url', index: '0', parameters: [textParameter('tok123')] },
      ],
    },
  };
}

export const textParameter = (text: string): Json => ({ type: 'text', text });

export function sendSms(sandbox: Sandbox, changes: Json = {}, headers: Record<string, string> = MSG91): Promise<Heard> {
  const recipients = [{ mobiles: '919812345678', name: 'Asha', link: 'https://wps.example/WAPASX/tok9', CRQID: 'att-2' }];
  return post(`${sandbox.url}/msg91/api/v5/flow`, { template_id: '64f0c0ffee00000000000001', recipients, ...changes }, headers);
}

export function pushMessage(changes: Json = {}): Json {
  return {
    token: 'demo-919812345678',
    notification: { title: 'Payment did not go through', body: 'Tap to finish.' },
    data: { wapas_msg: 'msg-3', wapas_attempt: 'att-3', deep_link: 'myshop://basket/42' },
    android: { priority: 'HIGH', ttl: '780s', collapseKey: 'order_42', notification: { tag: 'order_42' } },
    ...changes,
  };
}

/** A service account: its public half is what the sandbox is told. */
export class ServiceAccount {
  private readonly keys = generateKeyPairSync('rsa', { modulusLength: 2_048 });
  readonly email = 'sender@demo.iam.gserviceaccount.com';
  readonly publicKey = this.keys.publicKey.export({ type: 'spki', format: 'pem' });

  options(): Partial<SandboxOptions> {
    return { fcmPublicKey: this.publicKey.toString(), fcmClientEmail: this.email, fcmProjectId: 'demo' };
  }

  assertion(audience: string, changes: Json = {}): string {
    const now = Math.floor(Date.now() / 1_000);
    const scope = 'https://www.googleapis.com/auth/firebase.messaging';
    const claims = { iss: this.email, scope, aud: audience, iat: now, exp: now + 3_600, ...changes };
    const content = `${encode({ alg: 'RS256', typ: 'JWT', kid: 'k1' })}.${encode(claims)}`;
    return `${content}.${sign('RSA-SHA256', Buffer.from(content), this.keys.privateKey).toString('base64url')}`;
  }

  token(sandbox: Sandbox, changes: Json = {}): Promise<Heard> {
    const assertion = this.assertion(`${sandbox.url}/fcm/token`, changes);
    return requestToken(sandbox, assertion);
  }

  async push(sandbox: Sandbox, message: Json = pushMessage(), request: Json = {}): Promise<Heard> {
    const { json } = await this.token(sandbox);
    const headers = { authorization: `Bearer ${String(json.access_token)}` };
    return post(`${sandbox.url}/fcm/v1/projects/demo/messages:send`, { message, ...request }, headers);
  }
}

export function requestToken(sandbox: Sandbox, assertion: string): Promise<Heard> {
  const form = new URLSearchParams({ grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion });
  return post(`${sandbox.url}/fcm/token`, form.toString(), { 'content-type': 'application/x-www-form-urlencoded' });
}

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** The part of a vendor's answer at a path such as `error.details.0.errorCode`. */
export function at(value: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((part, name) => (part as Record<string, unknown> | undefined)?.[name], value);
}
