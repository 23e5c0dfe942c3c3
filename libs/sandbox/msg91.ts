import { randomBytes } from 'node:crypto';
import { type Message } from './ledger';
import { type SmsTemplate } from './options';
import { bucketOf, type TokenBucket } from './rate-limits';
import { accepting, type ReceiptLine, refusing, type Troubles, type Vendor, type Verdict } from './vendor';
import { type Answer, type Call, isObject, type Json, json, parseObject } from './wire';

export interface Msg91Settings {
  readonly authKey?: string;
  readonly ratePerSecond: number;
  readonly templates: readonly SmsTemplate[];
  /** What the vendor's clock shows at a real moment. */
  vendorTime(realMs: number): number;
}

/** MSG91's flow API (msg91.com/help and five independent clients; read 2026-11-23). */
export class Msg91 implements Vendor {
  readonly name = 'msg91';
  readonly troubles = troubles;

  private readonly rate: TokenBucket | null;

  constructor(
    private readonly settings: Msg91Settings,
    readonly receipts: ReceiptLine,
  ) {
    this.rate = bucketOf(settings.ratePerSecond);
  }

  judge(call: Call): Verdict {
    const given = call.headers.authkey;
    if (typeof given !== 'string' || given === '') return refuse('207', 'Authentication failure');
    const { authKey } = this.settings;
    if (authKey !== undefined && given !== authKey) return refuse('207', 'Invalid authkey');
    if (this.rate?.take(call.receivedAt) === false) return refusing('429', troubles.throttled(1));
    const request = parseObject(call.body);
    if (request === null) return refuse('100', 'Request body is not valid JSON');
    return this.templateProblem(request, call.receivedAt) ?? judgeFlow(request);
  }

  /** What is known of the template: an inactive one is refused, and a promotional one at night (docs.msg91.com, error codes, read 2026-11-28). */
  private templateProblem({ template_id, flow_id }: Json, realMs: number): Verdict | null {
    const template = this.settings.templates.find(({ id }) => id === (template_id ?? flow_id));
    if (template?.status === 'inactive') return refuse('400', 'Template is not active');
    const minute = Math.floor((this.settings.vendorTime(realMs) + INDIA_AHEAD_MS) / 60_000) % 1_440;
    const isNight = minute < 9 * 60 || minute >= 21 * 60;
    return template?.category === 'promotional' && isNight ? refuse('306', 'This route is closed from 21:00 to 09:00') : null;
  }
}

const INDIA_AHEAD_MS = 19_800_000;

function judgeFlow(request: Json): Verdict {
  const template = request.template_id ?? request.flow_id;
  if (typeof template !== 'string' || template === '') return refuse('400', 'Template id missing');
  if (!/^[0-9a-f]{24}$/i.test(template)) return refuse('400', 'Invalid template id');
  const { recipients } = request;
  if (!Array.isArray(recipients) || recipients.length === 0 || !recipients.every(isObject))
    return refuse('400', 'Recipients missing');
  const wrong = recipients.map(recipientProblem).find((each) => each !== null);
  return wrong ? refuse(wrong.code, wrong.message) : acceptFlow(template, recipients);
}

function recipientProblem({ mobiles, ...variables }: Json): { code: string; message: string } | null {
  if (typeof mobiles !== 'string' || !/^\d{10,15}$/.test(mobiles)) return { code: '202', message: 'Invalid mobile number' };
  const unreadable = Object.entries(variables).find(([, value]) => typeof value !== 'string');
  return unreadable ? { code: '400', message: `Invalid value for ${unreadable[0]}` } : null;
}

/** One request id for all recipients: who needs one per message sends one recipient per request. */
function acceptFlow(template: string, recipients: readonly Json[]): Verdict {
  const requestId = randomBytes(12).toString('hex');
  const messages = recipients.map((recipient) => ledgerMessage(template, requestId, recipient));
  return accepting(messages, json(200, { message: requestId, type: 'success' }));
}

function ledgerMessage(template: string, vendorId: string, recipient: Json): Message {
  const { mobiles, CRQID, ...variables } = recipient as Record<string, string>;
  return {
    vendor: 'msg91',
    channel: 'sms',
    address: mobiles as string,
    reference: CRQID,
    vendorId,
    content: { template, variables },
  };
}

const refuse = (code: string, message: string): Verdict => refusing(code, msg91Error(code, message));

/** Errors come with status 200 too: only `type` tells. */
function msg91Error(code: string, message: string): Answer {
  return json(200, { message, type: 'error', code });
}

const troubles: Troubles = {
  throttled: (retryAfterSeconds) => ({
    ...json(429, { message: 'Too many requests', type: 'error' }, { 'retry-after': String(retryAfterSeconds) }),
  }),
  brokenDown: () => json(500, { message: 'Internal error', type: 'error', code: '601' }),
  accountRefused: () => ({ code: '301', answer: msg91Error('301', 'Insufficient balance') }),
  errorWith200: () => msg91Error('601', 'Internal error'),
  error: (code) => msg91Error(code, `Request failed with error ${code}`),
};
