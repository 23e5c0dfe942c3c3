import { type Agent } from 'node:http';
import { post } from './receipts';
import { changeMail } from './whatsapp-webhooks';
import { type Answer, type Call, isObject, type Json, json, parseObject } from './wire';

interface DeskSettings {
  readonly webhookUrl?: string;
  readonly appSecret: string;
}

/**
 * `/sandbox/whatsapp/account`: Meta tells something of the account or of its number, and does what it says: a disabled or deleted account
 * sends no more (131031) until it is reinstated.
 */
export class AccountDesk {
  isDisabled = false;
  private knownAt = 0;

  constructor(
    private readonly agent: Agent,
    private readonly settings: DeskSettings,
  ) {}

  /** `{field, value, time?}`: one change as Meta's reference has it; `time` (unix seconds) plays news that come late. Gives whether the webhook was taken. */
  async tell(call: Call): Promise<Answer> {
    const { field, value, time } = parseObject(call.body) ?? {};
    if (typeof field !== 'string' || !isObject(value) || (time !== undefined && typeof time !== 'number'))
      return json(400, { error: 'Give {"field": "account_update", "value": {"event": …}, "time"?: unix seconds}' });
    this.obey(value, time);
    const { webhookUrl, appSecret } = this.settings;
    const heard = webhookUrl !== undefined && (await post(this.agent, webhookUrl, changeMail(appSecret, { field, value }, time)));
    return json(200, { heard, disabled: this.isDisabled });
  }

  /** Meta itself knows the order; only its webhooks come in any. */
  private obey({ event, ban_info: ban }: Json, time = Math.floor(Date.now() / 1_000)): void {
    if (time < this.knownAt) return;
    this.knownAt = time;
    const state = isObject(ban) ? ban.waba_ban_state : event;
    if (state === 'DISABLE' || state === 'ACCOUNT_DELETED') this.isDisabled = true;
    if (state === 'REINSTATE') this.isDisabled = false;
  }
}
