import {
  accepted,
  type Again,
  failed,
  type Provider,
  type ReceiptKind,
  type SendOutcome,
  type SendRequest,
} from '@wapas/provider-kit';
import { type RegisteredProvider } from '../../src/channels/provider-registry';
import { type Random } from './random';
import { type Process, type Timeline } from './timeline';

/** What a text says about itself: which step it is, what it is about, and how it is worded. */
export interface Said {
  readonly step: string;
  readonly visit: string;
  /** The template; of channels without wordings, the step. */
  readonly wording: string;
  readonly hasPicture: boolean;
}

/** What a step says when its own wording is out of use, or its picture cannot be had. */
export const PLAIN = '_plain';

/** Reads a message as a customer does. Null for what is none. */
export function readContent(content: unknown): Said | null {
  const { title, body, template, variables, header } = (content ?? {}) as {
    title?: string;
    body?: string | readonly string[];
    template?: string;
    variables?: { step: string; visit: string };
    header?: { kind: string };
  };
  const plainly = { hasPicture: false };
  if (variables) return { ...plainly, step: variables.step, visit: variables.visit, wording: variables.step };
  if (title !== undefined) return { ...plainly, step: title, visit: String(body), wording: title };
  if (template === undefined) return null;
  const step = template.endsWith(PLAIN) ? template.slice(0, -PLAIN.length) : template;
  return { step, visit: String(body?.[0]), wording: template, hasPicture: header?.kind === 'image' };
}

export type CallFate =
  | 'fine'
  | 'slow'
  | 'accept_then_reset'
  | 'timeout_accepted'
  | 'timeout_lost'
  | 'error_accepted'
  | 'error_lost'
  | 'throttled'
  | 'unreachable'
  | 'bad_address'
  | 'refused'
  /** It could not be fetched: worth one more attempt. */
  | 'no_picture'
  /** The template is out of use for a while. */
  | 'no_template';

/** One call as the world sees it from outside. */
export interface CallSeen {
  readonly process: Process;
  readonly provider: string;
  readonly channel: string;
  readonly attemptId: string;
  readonly messageId: string;
  readonly address: string;
  readonly said: Said;
}

export interface Ledger {
  fateOf(call: CallSeen): CallFate;
  began(call: CallSeen): void;
  accepted(call: CallSeen, vendorId: string): void;
  answered(call: CallSeen): void;
}

export const VENDORS = [
  { name: 'push-vendor', channel: 'push', addressKind: 'push_token', resendIsSafe: true, echoes: true },
  { name: 'whatsapp-vendor', channel: 'whatsapp', addressKind: 'phone', resendIsSafe: false, echoes: true },
  { name: 'sms-vendor', channel: 'sms', addressKind: 'phone', resendIsSafe: false, echoes: false },
] as const;
/** In some worlds a second one serves SMS. */
export const SPARE = { name: 'sms-spare', channel: 'sms', addressKind: 'phone', resendIsSafe: false, echoes: false } as const;
export type Vendor = (typeof VENDORS)[number] | typeof SPARE;
export const ALL_VENDORS: readonly Vendor[] = [...VENDORS, SPARE];

const TIMEOUT_MS = 10_000;

/** The vendors' sides of the line, for the containers to call. Whatever they took stands in the ledger, also when nobody heard of it. */
export class Vendors {
  private calls = 0;
  private readonly side: Process;

  constructor(
    private readonly timeline: Timeline,
    private readonly random: Random,
    private readonly ledger: Ledger,
    side: Process,
  ) {
    this.side = side;
  }

  for(process: Process, hasSpare: boolean): RegisteredProvider[] {
    return (hasSpare ? ALL_VENDORS : VENDORS).map((vendor) => ({
      name: vendor.name,
      channel: vendor.channel,
      addressKind: vendor.addressKind,
      definition: undefined as never,
      provider: this.providerFor(process, vendor),
    }));
  }

  private providerFor(process: Process, vendor: Vendor): Provider {
    const { resendIsSafe, echoes } = vendor;
    return {
      capabilities: { resendIsSafe, echoesReference: echoes, receipts: ['sent', 'delivered', 'read', 'failed'] },
      maxPerSecond: 50,
      maxConcurrent: 8,
      send: (request) => this.call(process, vendor, request),
      health: async () => ({ healthy: true, detail: '' }),
    };
  }

  private call(
    process: Process,
    { name, channel }: Vendor,
    { attemptId, messageId, address, content }: SendRequest,
  ): Promise<SendOutcome> {
    const said = readContent(content);
    if (!said) throw new Error('A vendor was sent something that is no message.');
    const call: CallSeen = { process, provider: name, channel, attemptId, messageId, address: address.value, said };
    this.ledger.began(call);
    const fate = this.ledger.fateOf(call);
    const vendorId = `v${(this.calls += 1)}`;
    const arrives = this.random.between(1, 40);
    if (['fine', 'slow', 'accept_then_reset', 'timeout_accepted', 'error_accepted'].includes(fate))
      this.timeline.in(arrives, this.side, 'vendor', () => this.ledger.accepted(call, vendorId));
    const { after, outcome } = this.answerOf(fate, vendorId, arrives);
    return new Promise((resolve) => {
      this.timeline.in(after, process, 'answer', () => {
        this.ledger.answered(call);
        resolve(outcome);
      });
    });
  }

  private answerOf(fate: CallFate, vendorId: string, arrives: number): { after: number; outcome: SendOutcome } {
    const soon = arrives + this.random.between(1, 60);
    const unknown = (code: string): SendOutcome => failed({ class: 'unknown_outcome', scope: 'message', code });
    switch (fate) {
      case 'fine':
        return { after: soon, outcome: accepted(vendorId) };
      case 'slow':
        return { after: this.random.between(2_000, 9_900), outcome: accepted(vendorId) };
      case 'accept_then_reset':
        return { after: soon, outcome: unknown('ECONNRESET') };
      case 'timeout_accepted':
      case 'timeout_lost':
        return { after: TIMEOUT_MS, outcome: unknown('ETIMEDOUT') };
      case 'error_accepted':
      case 'error_lost':
        return { after: soon, outcome: unknown('HTTP 502') };
      case 'throttled':
        return {
          after: soon,
          outcome: failed({
            class: 'throttled',
            scope: 'account',
            code: 'HTTP 429',
            retryAfterMs: this.random.whole(500, 20_000),
          }),
        };
      case 'unreachable':
        return { after: soon, outcome: failed({ class: 'temporary', scope: 'message', code: 'ECONNREFUSED' }) };
      case 'bad_address':
        return { after: soon, outcome: failed({ class: 'bad_address', scope: 'address', code: 'NOT_REGISTERED' }) };
      case 'refused':
        return { after: soon, outcome: failed({ class: 'refused', scope: 'message', code: 'REFUSED' }) };
      case 'no_picture':
        return { after: soon, outcome: failed({ class: 'refused', scope: 'message', code: 'NO_PICTURE', again: 'same' }) };
      case 'no_template': {
        const holdsForMs = this.random.whole(60_000, 360_000);
        return { after: soon, outcome: failed({ class: 'bad_content', scope: 'template', code: 'NO_TEMPLATE', holdsForMs }) };
      }
    }
  }
}

/** What a vendor will say of a message it took, each after so many milliseconds. */
export function drawReceipts(random: Random, channel: string): { kind: ReceiptKind; after: number }[] {
  const told: { kind: ReceiptKind; after: number }[] = [];
  // Some beat our own commit.
  const soon = (): number => (random.chance(0.3) ? random.between(0, 5) : random.between(50, 20_000));
  if (channel !== 'push' && random.chance(0.8)) told.push({ kind: 'sent', after: soon() });
  if (random.chance(0.75)) told.push({ kind: 'delivered', after: soon() });
  if (random.chance(0.25)) told.push({ kind: channel === 'push' ? 'opened' : 'read', after: random.between(1_000, 900_000) });
  if (random.chance(0.12)) told.push({ kind: 'failed', after: random.chance(0.5) ? soon() : random.between(1_000, 120_000) });
  return told.flatMap((one) => (random.chance(0.15) ? [one, { ...one, after: one.after + random.between(1, 60_000) }] : [one]));
}

/** What a vendor says of a message that it took and then could not hand over, and which is worth a further attempt: nothing else but that it took it. */
export interface Report {
  readonly again: Again;
  /** Each after so many milliseconds. */
  readonly told: readonly { readonly kind: 'sent' | 'failed'; readonly after: number }[];
}

/** Null: it says what it says of others. */
export function drawReport(random: Random, { channel, said }: CallSeen): Report | null {
  const again = channel === 'sms' ? 'elsewhere' : said.hasPicture ? 'same' : null;
  if (again === null || !random.chance(0.25)) return null;
  // Only who echoes our reference can be believed before the call has its answer.
  const after = random.chance(again === 'same' ? 0.7 : 0.3) ? random.between(0, 5) : random.between(50, 120_000);
  const twice = random.chance(0.2) ? [{ kind: 'failed' as const, after: after + random.between(1, 60_000) }] : [];
  // That it was taken may be told after it failed.
  const taken = random.chance(0.6) ? [{ kind: 'sent' as const, after: random.between(0, after + 6_000) }] : [];
  return { again, told: [{ kind: 'failed', after }, ...twice, ...taken] };
}
