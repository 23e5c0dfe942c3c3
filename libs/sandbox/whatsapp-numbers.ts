import { type Agent } from 'node:http';
import { newId } from '@wapas/kernel';
import { post } from './receipts';
import { type CustomerName, numberChangeMail, type WhatsAppWebhookSettings } from './whatsapp-webhooks';
import { type Answer, type Call, json, parseObject } from './wire';

interface DeskSettings extends Pick<WhatsAppWebhookSettings, 'url' | 'appSecret' | 'phoneNumberId'> {
  /** What the vendor's clock shows at a real moment. */
  vendorTime(realMs: number): number;
}

/**
 * `/sandbox/whatsapp/number`: a customer takes their account to another number. Meta tells of it, and the old number is not on WhatsApp any
 * more: what is sent there fails (131026) until somebody moves to it.
 */
export class NumberDesk {
  private readonly left = new Set<string>();
  private readonly names = new Map<string, CustomerName>();

  constructor(
    private readonly agent: Agent,
    private readonly settings: DeskSettings,
  ) {}

  /** Digits as in a send request. */
  isLeft = (address: string): boolean => this.left.has(address);

  nameOf = (address: string): CustomerName | undefined => this.names.get(address);

  /** `/sandbox/whatsapp/name`, `{number, userId, alone?}`: from now on Meta names who is at a number by its own id as well; with `alone` by nothing else. */
  name(call: Call): Answer {
    const { number, userId, alone = false } = parseObject(call.body) ?? {};
    if (!isNumber(number) || typeof userId !== 'string' || userId === '' || typeof alone !== 'boolean')
      return json(400, { error: 'Give {"number": "919812345678", "userId": "IN.…", "alone"?: true or false}' });
    this.names.set(number, { userId, isAlone: alone });
    return json(200, {});
  }

  /** `{from, to, id?, time?, webhook?}`; `id` and `time` (unix seconds) play news that come twice or late; with `webhook: "lost"` nobody is told. */
  async change(call: Call): Promise<Answer> {
    const { from, to, id = `wamid.${newId()}`, time, webhook } = parseObject(call.body) ?? {};
    if (
      !isNumber(from) ||
      !isNumber(to) ||
      from === to ||
      typeof id !== 'string' ||
      (time !== undefined && typeof time !== 'number')
    )
      return json(400, { error: 'Give {"from": "919812345678", "to": "919812345679", "id"?: text, "time"?: unix seconds}' });
    this.left.add(from);
    this.left.delete(to);
    const { url } = this.settings;
    if (url === undefined || webhook === 'lost') return json(200, { heard: false });
    const at = time === undefined ? this.settings.vendorTime(Date.now()) : time * 1_000;
    return json(200, { heard: await post(this.agent, url, numberChangeMail(this.settings, { from, to, id, at })) });
  }
}

const isNumber = (value: unknown): value is string => typeof value === 'string' && /^\d{7,15}$/.test(value);
