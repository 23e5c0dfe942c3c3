import { parseInstant } from '@wapas/kernel';
import { failureModes } from './failure-modes';
import { GATEWAYS } from './gateways/payment-book';
import { type Ledger } from './ledger';
import { type ModeBook, type ModeSetting, type PlayedName, seededRandom } from './mode-book';
import { receiptModes } from './receipt-modes';
import { type ReceiptDesk } from './receipts';
import { type Route } from './router';
import { type SandboxClock } from './sandbox-clock';
import { type Subscription } from './subscription';
import { type Answer, type Call, type Json, json, parseObject } from './wire';
import { type ServerResponse } from 'node:http';

export interface ControlParts {
  readonly ledger: Ledger;
  readonly sendModes: ModeBook;
  readonly receiptModes: ModeBook;
  readonly desk: ReceiptDesk;
  readonly clock: SandboxClock;
  readonly subscription: Subscription;
  /** What broke in the sandbox itself: a test that sees any has proven nothing. */
  readonly faults: { readonly count: number; readonly last: string };
}

/** For tests, the demo and the console: what happened, and what shall go wrong. */
export function controlRoutes(parts: ControlParts): readonly Route[] {
  return [
    { method: 'GET', path: '/sandbox/health', handle: () => health(parts) },
    { method: 'GET', path: '/sandbox/ledger', handle: (call, response) => readLedger(parts.ledger, call, response) },
    { method: 'GET', path: '/sandbox/mode', handle: () => json(200, modesOf(parts)) },
    { method: 'POST', path: '/sandbox/mode', handle: (call) => setModes(parts, call) },
    { method: 'POST', path: '/sandbox/clock', handle: (call) => setClock(parts.clock, call) },
    { method: 'POST', path: '/sandbox/whatsapp/subscribe', handle: async () => json(200, await parts.subscription.verify()) },
  ];
}

const modesOf = ({ sendModes, receiptModes }: ControlParts): object => ({
  modes: sendModes.list(),
  receipts: receiptModes.list(),
});

function health(parts: ControlParts): Answer {
  return json(200, {
    ok: parts.faults.count === 0,
    last: parts.ledger.lastSeq,
    faults: parts.faults,
    webhooks: parts.desk.figures(),
    ...modesOf(parts),
  });
}

const MOST_ENTRIES = 10_000;
const LONGEST_WAIT_MS = 60_000;

async function readLedger(ledger: Ledger, { query }: Call, response: ServerResponse): Promise<Answer> {
  const after = wholeNumber(query.get('after'), 0);
  const limit = wholeNumber(query.get('limit'), 1_000);
  const wait = wholeNumber(query.get('wait'), 0);
  if (after === null || limit === null || wait === null) return json(400, { error: 'after, limit and wait are whole numbers' });
  // A reader who counts must not take a shortened ledger for the whole one.
  if (after < ledger.forgottenSeq) return json(410, { error: `Entries up to ${ledger.forgottenSeq} are only in the file` });
  await ledger.waitAfter(after, Math.min(wait, LONGEST_WAIT_MS), closing(response));
  return json(200, { entries: ledger.after(after, Math.min(limit, MOST_ENTRIES)), last: ledger.lastSeq });
}

function closing(response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  response.once('close', () => controller.abort());
  return controller.signal;
}

function wholeNumber(text: string | null, absent: number): number | null {
  if (text === null) return absent;
  return /^\d{1,16}$/.test(text) ? Number(text) : null;
}

const VENDORS: readonly PlayedName[] = ['fcm', 'whatsapp', 'msg91', ...GATEWAYS];

/** `{vendor, mode?, receipts?, share?, count?, delayMs?, code?, seed?, further?}`; `normal` puts an end to it. */
function setModes(parts: ControlParts, call: Call): Answer {
  const body = parseObject(call.body);
  const problems = body === null ? ['The body is not a JSON object'] : modeProblems(body);
  if (body === null || problems.length > 0) return json(400, { problems });
  const vendors = body.vendor === 'all' ? VENDORS : [body.vendor as PlayedName];
  for (const vendor of vendors) {
    applyMode(parts.sendModes, vendor, body.mode, body);
    applyMode(parts.receiptModes, vendor, body.receipts, body);
  }
  return json(200, modesOf(parts));
}

function applyMode(book: ModeBook, vendor: PlayedName, mode: unknown, body: Json): void {
  if (typeof mode !== 'string') return;
  if (typeof body.seed === 'number') book.reseed(seededRandom(body.seed));
  if (mode === 'normal') book.clear(vendor);
  else book.set(settingOf(vendor, mode, body), body.further === true);
}

function settingOf(vendor: PlayedName, mode: string, body: Json): ModeSetting {
  return {
    vendor,
    mode,
    share: typeof body.share === 'number' ? body.share : 1,
    ...(typeof body.count === 'number' && { count: body.count }),
    ...(typeof body.delayMs === 'number' && { delayMs: body.delayMs }),
    ...((typeof body.code === 'string' || typeof body.code === 'number') && { code: String(body.code) }),
  };
}

function modeProblems(body: Json): string[] {
  const oneOf = (name: string, known: readonly string[]): string[] =>
    body[name] === undefined || known.includes(body[name] as string) ? [] : [`${name} is one of ${known.join(', ')}`];
  const numberFrom0 = (name: string, most: number): string[] => {
    const value = body[name];
    return value === undefined || (typeof value === 'number' && value >= 0 && value <= most)
      ? []
      : [`${name} is a number from 0 to ${most}`];
  };
  return [
    ...(body.vendor === undefined ? ['vendor is required'] : oneOf('vendor', [...VENDORS, 'all'])),
    ...(body.mode === undefined && body.receipts === undefined ? ['Give mode, receipts or both'] : []),
    ...oneOf('mode', ['normal', ...failureModes]),
    ...oneOf('receipts', ['normal', ...receiptModes]),
    ...numberFrom0('share', 1),
    ...numberFrom0('count', Number.MAX_SAFE_INTEGER),
    ...numberFrom0('delayMs', 86_400_000),
    ...(body.mode === 'error' && !['string', 'number'].includes(typeof body.code) ? ['The mode error needs a code'] : []),
    ...numberFrom0('seed', Number.MAX_SAFE_INTEGER),
  ];
}

/** `{start, rate?, anchor?}`: business time is `start` at the real moment `anchor` (now when absent). */
function setClock(clock: SandboxClock, call: Call): Answer {
  const { start, rate = 1, anchor } = parseObject(call.body) ?? {};
  const startAt = typeof start === 'string' ? parseInstant(start) : null;
  const anchorAt = typeof anchor === 'string' ? parseInstant(anchor) : call.receivedAt;
  if (startAt === null || anchorAt === null || typeof rate !== 'number' || rate < 0) {
    return json(400, { error: 'Give {"start": "2026-11-23T10:00:00Z", "rate": 60, "anchor"?: a real moment}' });
  }
  clock.set({ start: startAt, rate, anchor: anchorAt });
  return json(200, clock.stamp(Date.now()));
}
