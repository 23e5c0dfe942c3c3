import { readFile } from 'node:fs/promises';
import { type Instant, toDate } from '@wapas/kernel';
import { type LedgerEntry } from '@wapas/sandbox';
import { type Client } from 'pg';
import { type Channel } from './customers';
import { withClient } from './database';
import { type ClockAnchor } from './story-clock';

/**
 * Counts from outside: what the sandbox wrote to its disk, and plain SQL on the tables. Nothing of the application's own
 * reports or rules is used, so that an error in those shows here.
 */
export interface Facts {
  readonly customers: number;
  readonly events: number;
  readonly unknown: number;
  readonly runs: readonly RunRow[];
  readonly messages: readonly MessageRow[];
  readonly ledger: readonly LedgerEntry[];
  readonly anchor: ClockAnchor;
}

/** Times are business time in milliseconds, from the database's clock. */
export interface RunRow {
  readonly id: string;
  readonly journey: string;
  readonly arm: string;
  readonly startedAt: number;
  readonly endReason: string | null;
  /** When the goal happened and when it was committed; null without one. */
  readonly goalAt: number | null;
  readonly goalReceivedAt: number | null;
}

export interface MessageRow {
  readonly id: string;
  readonly runId: string;
  readonly dueAt: number;
  /** When its latest call was claimed; null when there was none. */
  readonly calledAt: number | null;
  /** When the first event that pays (or approves) the same order (or application) was committed. */
  readonly paidAt: number | null;
}

export interface Account {
  readonly customers: number;
  readonly events: number;
  readonly runs: number;
  /** Accepted by the vendors, each message once. */
  readonly messages: Readonly<Record<Channel, number>>;
  /** Runs that reached their goal after a message was accepted. */
  readonly recovered: number;
  /** Runs that reached it without one. */
  readonly organic: number;
  /** By the last message before the goal. */
  readonly recoveredByChannel: Readonly<Record<Channel, number>>;
  readonly duplicateSends: number;
  readonly sendsAfterGoal: number;
  readonly unknown: number;
  readonly lateness: { readonly p50Ms: number; readonly p99Ms: number };
  /** Beyond the one line of JSON: for the report. */
  readonly arms: readonly ArmAccount[];
  /** From entering to the goal, of those who were recovered, in business milliseconds; null without any. */
  readonly timeToRecovery: { readonly median: number; readonly p90: number } | null;
}

export interface ArmAccount {
  readonly journey: string;
  readonly arm: string;
  readonly entered: number;
  readonly messaged: number;
  readonly recovered: number;
  readonly organic: number;
}

/** Reads everything up to the end of the story: what falls due later belongs to whoever plays on by hand. */
export async function readFacts(databaseUrl: string, ledgerFile: string, anchor: ClockAnchor, end: Instant): Promise<Facts> {
  const ledger = await readLedger(ledgerFile);
  return withClient(databaseUrl, async (client) => ({
    ...(await readCounts(client)),
    runs: (await client.query<RunRow>(RUNS)).rows,
    messages: (await client.query<MessageRow>(MESSAGES, [PAYING_EVENTS, toDate(end)])).rows,
    ledger,
    anchor,
  }));
}

/** True when nothing is on its way any more: no packet on the bus, no open call, nothing due. */
export async function isAtRest(databaseUrl: string, end: Instant): Promise<boolean> {
  return withClient(databaseUrl, async (client) => {
    const { rows } = await client.query<{ busy: number }>(BUSY, [toDate(end)]);
    return rows[0]?.busy === 0;
  });
}

async function readLedger(file: string): Promise<LedgerEntry[]> {
  const text = await readFile(file, 'utf8');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as LedgerEntry);
}

async function readCounts(client: Client): Promise<Pick<Facts, 'customers' | 'events' | 'unknown'>> {
  const { rows } = await client.query<Pick<Facts, 'customers' | 'events' | 'unknown'>>(COUNTS);
  return rows[0] as Pick<Facts, 'customers' | 'events' | 'unknown'>;
}

const COUNTS = `
  select (select count(*) from person)::int as customers, (select count(*) from event)::int as events,
         (select count(*) from message where state = 'unknown')::int as unknown`;

const RUNS = `
  select r.id, r.journey_key as journey, r.arm, r.end_reason as "endReason",
         extract(epoch from r.started_at)::float8 * 1000 as "startedAt",
         extract(epoch from e.occurred_at)::float8 * 1000 as "goalAt",
         extract(epoch from e.received_at)::float8 * 1000 as "goalReceivedAt"
  from run r left join event e on r.end_reason = 'goal_reached' and e.id = r.end_event_id
  where not r.test`;

const PAYING_EVENTS = ['Payment Captured', 'Order Paid', 'Payment Link Paid', 'KYC Approved'];

/** Whether it was paid is asked of the events' own order and application numbers, not of the hashed marks that sends look at. */
const MESSAGES = `
  select m.id, m.run_id as "runId", extract(epoch from m.due_at)::float8 * 1000 as "dueAt",
         extract(epoch from m.called_at)::float8 * 1000 as "calledAt",
         (select extract(epoch from min(p.received_at))::float8 * 1000 from event p
          where p.name = any($1::text[])
            and (p.content->'keys'->>'order' = t.content->'keys'->>'order'
              or p.content->'keys'->>'kycApplication' = t.content->'keys'->>'kycApplication')) as "paidAt"
  from message m join run r on r.id = m.run_id join event t on t.id = r.trigger_id
  where m.due_at <= $2 and not m.test`;

const BUSY = `
  select ((select count(*) from run where due_at <= $1)
        + (select count(*) from message where due_at <= $1 and state in ('planned', 'calling', 'retryable'))
        + (select count(*) from bus_outbox where parked_at is null))::int as busy`;

export function account(facts: Facts): Account {
  const sends = acceptedSends(facts);
  const touches = touchesByRun(facts, sends);
  const goals = facts.runs.filter(({ endReason }) => endReason === 'goal_reached');
  const recoveries = goals.flatMap((run) => {
    const channel = lastTouch(run, touches.get(run.id) ?? []);
    return channel ? [{ run, channel }] : [];
  });
  return {
    customers: facts.customers,
    events: facts.events,
    runs: facts.runs.length,
    messages: byChannel([...new Map(sends.map((send) => [send.message.id, send.entry.channel])).values()]),
    recovered: recoveries.length,
    organic: goals.length - recoveries.length,
    recoveredByChannel: byChannel(recoveries.map(({ channel }) => channel)),
    duplicateSends: sends.length - new Set(sends.map(({ message }) => message.id)).size,
    sendsAfterGoal: sends.filter((send) => isAfterGoal(send, facts.anchor)).length,
    unknown: facts.unknown,
    lateness: latenessOf(facts),
    arms: armsOf(facts.runs, touches, new Set(recoveries.map(({ run }) => run.id))),
    timeToRecovery: timeToRecovery(recoveries.map(({ run }) => (run.goalAt ?? run.startedAt) - run.startedAt)),
  };
}

/** One message as it was really received. */
interface Send {
  readonly entry: LedgerEntry;
  readonly message: MessageRow;
}

function acceptedSends({ ledger, messages }: Facts): Send[] {
  const byId = new Map(messages.map((message) => [message.id, message]));
  return ledger.flatMap((entry) => {
    const message = entry.accepted ? byId.get(messageIdOf(entry)) : undefined;
    return message ? [{ entry, message }] : [];
  });
}

/** The reference is `message.attempt`: two attempts that were both accepted are one message sent twice. */
const messageIdOf = ({ reference = '' }: LedgerEntry): string => reference.split('.', 1)[0] ?? '';

/** A call that is on the wire when the payment is committed may land within its timeout. */
const CALL_TIMEOUT_MS = 10_000;

/**
 * Was the call started after the paying event was committed? The ledger says that the message was received; when it was
 * received says nothing, for a call may have been on the wire. So the claim's `called_at` is compared with the event's
 * `received_at`: both are read from the database's clock under the key locks that goal and claim exclude each other by, so
 * their order is the order of the commits and no tolerance is needed, however fast business time runs. As the claim's time
 * is the application's own word, the sandbox's arrival time is held against it, with the longest a call may take: a call
 * that landed later than that was started later than it says.
 */
function isAfterGoal({ entry, message: { calledAt, paidAt } }: Send, { real, business, rate }: ClockAnchor): boolean {
  if (paidAt === null) return false;
  const paidAtReal = real + (paidAt - business) / rate;
  return calledAt === null || calledAt > paidAt || entry.at > paidAtReal + CALL_TIMEOUT_MS;
}

function touchesByRun({ runs }: Facts, sends: readonly Send[]): Map<string, readonly Send[]> {
  const touches = new Map<string, Send[]>(runs.map(({ id }) => [id, []]));
  for (const send of sends) touches.get(send.message.runId)?.push(send);
  return touches;
}

function lastTouch({ goalReceivedAt }: RunRow, sends: readonly Send[]): Channel | undefined {
  const before = sends.filter(({ message }) => (message.calledAt ?? 0) <= (goalReceivedAt ?? 0));
  return before.sort((a, b) => (a.message.calledAt ?? 0) - (b.message.calledAt ?? 0)).at(-1)?.entry.channel;
}

function byChannel(channels: readonly Channel[]): Record<Channel, number> {
  const counts: Record<Channel, number> = { push: 0, whatsapp: 0, sms: 0 };
  for (const channel of channels) counts[channel] += 1;
  return counts;
}

/** From the moment a message was due to the claim of its call, in real time: what a faster clock would not change. */
function latenessOf({ messages, anchor }: Facts): Account['lateness'] {
  const late = messages.flatMap(({ calledAt, dueAt }) => (calledAt === null ? [] : [(calledAt - dueAt) / anchor.rate]));
  const tenth = (value: number): number => Math.round(value * 10) / 10;
  return { p50Ms: tenth(quantile(late, 0.5) ?? 0), p99Ms: tenth(quantile(late, 0.99) ?? 0) };
}

function armsOf(
  runs: readonly RunRow[],
  touches: ReadonlyMap<string, readonly Send[]>,
  recovered: ReadonlySet<string>,
): ArmAccount[] {
  const names = [...new Set(runs.map(({ journey, arm }) => `${journey} ${arm}`))].sort();
  return names.map((name) => {
    const [journey, arm] = name.split(' ') as [string, string];
    const own = runs.filter((run) => run.journey === journey && run.arm === arm);
    const reached = own.filter(({ endReason }) => endReason === 'goal_reached');
    const recoveries = reached.filter(({ id }) => recovered.has(id)).length;
    return {
      journey,
      arm,
      entered: own.length,
      messaged: own.filter(({ id }) => (touches.get(id)?.length ?? 0) > 0).length,
      recovered: recoveries,
      organic: reached.length - recoveries,
    };
  });
}

function timeToRecovery(spans: readonly number[]): Account['timeToRecovery'] {
  const [median, p90] = [quantile(spans, 0.5), quantile(spans, 0.9)];
  return median === undefined || p90 === undefined ? null : { median, p90 };
}

/** The smallest value that is not exceeded by this share of them. */
function quantile(values: readonly number[], share: number): number | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
}
