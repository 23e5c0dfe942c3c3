import { keyFromSecret, Keyring } from '@wapas/encryption';
import { EntityKeys, type KeyKind } from '@wapas/entity-keys';
import { after, hours, type Instant, minutes, newId, toDate } from '@wapas/kernel';
import { type Client } from 'pg';
import { factsOf } from '../../src/journeys/facts-of-event';
import { guardOf } from '../../src/journeys/guard-of-trigger';
import { type JourneyVersion, type Signal } from '../../src/journeys/rules/definition';
import { isKept, keptOf, recordOf } from '../../src/journeys/rules/recorded';
import { type Decision, type RunInput, type RunState } from '../../src/journeys/rules/run';
import { type VirtualRun, VirtualRuns } from '../../src/journeys/rules/virtual-runs';
import { tellProgress } from './report';

/** Most payments come in at once. Of the others each fails once, a third is authorised later, two thirds pay later. */
const EVENTS_AN_ORDER = 2;
const ORDERS_A_PERSON = 2.5;
const CHUNK = 5_000;
const DAYS = 30;

export interface LivedPeriod {
  readonly from: Instant;
  readonly to: Instant;
  readonly events: number;
  readonly runs: number;
}

interface Rows {
  readonly people: unknown[][];
  readonly events: unknown[][];
  readonly marks: unknown[][];
  readonly runs: unknown[][];
  readonly inputs: unknown[][];
  readonly decisions: unknown[][];
  readonly messages: unknown[][];
  readonly receipts: unknown[][];
}

interface Tag {
  readonly id: string;
  readonly personId: string;
  readonly triggerId: string;
  readonly enteredAt: Instant;
  readonly correlation: string;
  readonly guard: object;
  readonly inputs: { at: Instant; input: RunInput }[];
  readonly chance: (name: string) => number;
  endedAt: Instant | null;
}

/**
 * Fills the product's own tables with a month that was lived: events sealed as ingest seals them, the runs that they started by the
 * product's own rules, what was decided, sent and heard. All of it is a function of the order's number.
 */
export async function generateLivedPeriod(
  client: Client,
  {
    secret,
    version,
    events,
    failing,
    now,
  }: { secret: string; version: JourneyVersion; events: number; failing: number; now: Instant },
): Promise<LivedPeriod> {
  const orders = Math.round(events / EVENTS_AN_ORDER);
  const from = (now - hours(24 * (DAYS + 2))) as Instant;
  const maker = new Maker(secret, version, { orders, failing, from });
  await client.query('set synchronous_commit = off');
  let runs = 0;
  let made = 0;
  for (let first = 0; first < orders; first += CHUNK) {
    const last = Math.min(orders, first + CHUNK);
    const rows = maker.make(first, last);
    for (const [statement, table] of INSERTS) await insert(client, statement, rows[table]);
    runs += rows.runs.length;
    made += rows.events.length;
    tellProgress('generated', last, orders);
  }
  for (const table of [
    'event',
    'event_mark',
    'run',
    'decision',
    'run_input',
    'message',
    'receipt',
    'person',
    'person_identifier',
    'person_address',
    'consent_entry',
  ])
    // prettier-ignore
    await client.query(`vacuum analyze ${table}`);
  await client.query('checkpoint');
  return { from, to: (now - hours(26)) as Instant, events: made, runs };
}

class Maker {
  private readonly ring: Keyring;
  private readonly hasher: EntityKeys;
  private readonly people: number;
  /** Inputs and decisions draw from one sequence: it tells what led to what. */
  private seq = 0;

  constructor(
    secret: string,
    private readonly version: JourneyVersion,
    private readonly month: { readonly orders: number; readonly failing: number; readonly from: Instant },
  ) {
    this.ring = new Keyring([keyFromSecret(secret)]);
    this.hasher = new EntityKeys(secret);
    this.people = Math.max(1, Math.floor(month.orders / ORDERS_A_PERSON));
  }

  make(first: number, last: number): Rows {
    const rows: Rows = { people: [], events: [], marks: [], runs: [], inputs: [], decisions: [], messages: [], receipts: [] };
    // Everybody is there before their first order.
    for (
      let person = Math.floor(first / ORDERS_A_PERSON);
      person < Math.min(this.people, Math.floor(last / ORDERS_A_PERSON));
      person += 1
    )
      rows.people.push(this.person(person));
    const runs = new VirtualRuns<Tag>({
      version: this.version,
      decided: (run, before, decisions, at) => this.keep(rows, runs, run, before, decisions, at),
      remembersEnded: false,
      mostLive: Infinity,
    });
    const tags: VirtualRun<Tag>[] = [];
    for (let order = first; order < last; order += 1) this.live(rows, runs, tags, order);
    runs.playUntil();
    for (const { tag, state } of tags) rows.runs.push(this.runRow(tag, state));
    return rows;
  }

  private live(rows: Rows, runs: VirtualRuns<Tag>, tags: VirtualRun<Tag>[], order: number): void {
    const chance = (name: string): number => luck(`${order}:${name}`);
    const { from, orders, failing } = this.month;
    const at = after(from, Math.floor((order / orders) * hours(24 * DAYS)) as never);
    const person = Math.min(this.people - 1, Math.floor(order / ORDERS_A_PERSON));
    if (chance('fails') < failing) this.fail(rows, runs, tags, { order, person, at, chance });
    else this.pay(rows, runs, { order, person, at, isAuthorised: true });
  }

  /** A payment fails, and comes in later or never. */
  private fail(
    rows: Rows,
    runs: VirtualRuns<Tag>,
    tags: VirtualRun<Tag>[],
    { order, person, at, chance }: { order: number; person: number; at: Instant; chance: (name: string) => number },
  ): void {
    const trigger = this.event(rows, 'Payment Failed', order, person, at);
    const entered = {
      id: trigger.id,
      name: 'Payment Failed',
      occurredAt: at,
      facts: factsOf({ content: trigger.content, occurredAt: at }),
      keys: trigger.keys,
    };
    const personId = this.idOf('person-row', person);
    const tag: Tag = {
      id: newId(),
      personId,
      triggerId: trigger.id,
      enteredAt: at,
      correlation: trigger.keys[0]?.key ?? '',
      guard: guardOf({
        version: this.version,
        keys: trigger.keys,
        since: entered.occurredAt,
      }),
      inputs: [],
      chance,
      endedAt: null,
    };
    const arm = chance('arm') < 0.1 ? 'holdout' : 'treated';
    runs.at(at, () => {
      const enrolment = runs.enter(
        entered,
        { matter: tag.correlation, person: personId, unit: personId, arm, shadow: false, hasPerson: true, closed: null, endings: [], past: { isLive: false, lastEndedAt: null, entries: 0, personEnteredAt: null }, tag: () => tag }, // prettier-ignore
        at,
      );
      if (enrolment.kind === 'started') tags.push(enrolment.run);
    });
    if (chance('pays') >= 0.67) return;
    const paidAt = after(at, minutes(Math.floor(1 + chance('when') ** 3 * 600)));
    this.pay(rows, runs, { order, person, at: paidAt, isAuthorised: chance('authorized') < 0.5 });
  }

  private pay(
    rows: Rows,
    runs: VirtualRuns<Tag>,
    { order, person, at, isAuthorised }: { order: number; person: number; at: Instant; isAuthorised: boolean },
  ): void {
    if (isAuthorised) this.event(rows, 'Payment Authorized', order, person, (at - 1_000) as Instant);
    const { id, content, keys } = this.event(rows, 'Payment Captured', order, person, at);
    const paid = { id, name: 'Payment Captured', occurredAt: at, facts: factsOf({ content, occurredAt: at }), keys };
    runs.at(at, () => runs.hear(paid, at));
  }

  private keep(
    rows: Rows,
    runs: VirtualRuns<Tag>,
    run: VirtualRun<Tag>,
    before: RunState,
    decisions: readonly Decision[],
    at: Instant,
  ): void {
    const { tag } = run;
    const told = tag.inputs.pop();
    if (told) {
      const detail = recordOf(told.input);
      if (detail) rows.inputs.push([tag.id, toDate(at), told.input.kind, JSON.stringify(detail), (this.seq += 1)]);
    } else if (
      decisions.some(({ kind }) => kind === 'end') &&
      decisions[0]?.kind === 'end' &&
      'eventId' in decisions[0] &&
      decisions[0].eventId
    ) {
      rows.inputs.push([tag.id, toDate(at), 'goal_reached', JSON.stringify({ eventId: decisions[0].eventId, at: decisions[0].at, amount: before.facts.amount }), (this.seq += 1)]); // prettier-ignore
    }
    for (const decision of decisions) {
      if (isKept(decision)) {
        const { kind, step, reason, detail } = keptOf(decision);
        rows.decisions.push([tag.id, toDate(at), kind, step, reason, detail && JSON.stringify(detail), (this.seq += 1)]);
      }
      if (decision.kind === 'end') tag.endedAt = decision.at;
      if (decision.kind === 'send') this.send(rows, runs, run, decision, at);
    }
  }

  private send(
    rows: Rows,
    runs: VirtualRuns<Tag>,
    run: VirtualRun<Tag>,
    { step, dueAt, notAfter }: Decision & { kind: 'send' },
    at: Instant,
  ): void {
    const { tag } = run;
    const messageId = newId();
    const channel = step;
    const provider = { push: 'fcm', whatsapp: 'whatsapp-cloud', sms: 'msg91' }[step] ?? null;
    const called = (at + 200) as Instant;
    rows.messages.push([messageId, tag.id, run.state.lap, step, this.version.key, tag.personId, channel, provider, '{}', JSON.stringify(tag.guard), 'sent', toDate(dueAt), toDate(notAfter), toDate(at), toDate(called), JSON.stringify({ marketing: false, perRun: this.version.maxMessages }), JSON.stringify([{ at: called }])]); // prettier-ignore
    const hear = (signal: Signal, wait: number): void => {
      const when = (called + wait) as Instant;
      rows.receipts.push([newId(), messageId, provider, signal, toDate(when)]);
      runs.at(when, () => {
        const input: RunInput = { kind: 'signal', step, signal };
        tag.inputs.push({ at: when, input });
        runs.feed(run, input, when);
        tag.inputs.length = 0;
      });
    };
    if (tag.chance(`${step} delivered`) < 0.8) hear('delivered', 5_000);
    if (step === 'push' && tag.chance('opened') < 0.15) hear('opened', minutes(4));
    if (step === 'whatsapp' && tag.chance('read') < 0.5) hear('read', minutes(20));
  }

  private event(rows: Rows, name: string, order: number, person: number, at: Instant) {
    const id = newId();
    const content = {
      person: { customerId: `buyer_${person}`, phone: phoneOf(person) },
      keys: { order: `order_${order}`, payment: `pay_${order}` },
      amount: { amount: 49_900 + (order % 1_000) * 100, currency: 'INR' },
      reason: { class: 'user_error', code: 'incorrect_pin' },
      properties: {
        method: 'upi',
        bank: 'HDFC',
        items: 2,
        checkout_url: `https://shop.example/checkout/order_${order}`,
        coupon_used: false,
      },
    };
    const keys = this.keysOf(content);
    rows.events.push([
      id,
      'api',
      `${name}-${order}`,
      Buffer.alloc(32),
      name,
      toDate(at),
      this.ring.seal('event.sealed', JSON.stringify(content)),
    ]);
    for (const { key } of keys) rows.marks.push([key, name, toDate(at), id]);
    return { id, content, keys };
  }

  private keysOf({ keys, person }: { keys: { order: string; payment: string }; person: { customerId: string; phone: string } }) {
    const of = (kind: KeyKind, value: string) => ({ kind, key: this.hasher.keyOf(kind, value) });
    return [of('order', keys.order), of('payment', keys.payment), of('customer', person.customerId), of('phone', person.phone)];
  }

  private person(number: number): unknown[] {
    const customer = this.hasher.keyOf('customer', `buyer_${number}`);
    const phone = this.hasher.keyOf('phone', phoneOf(number));
    return [
      this.idOf('person-row', number),
      customer,
      phone,
      this.hasher.keyOf('push_token', `token_${number}`),
      toDate(this.month.from),
    ];
  }

  private runRow(tag: Tag, state: RunState): unknown[] {
    const end = state.memory.endReason ?? null;
    return [tag.id, this.version.key, this.version.version, tag.personId, tag.triggerId, tag.correlation, state.arm, state.lap, toDate(state.startedAt), toDate(state.expiresAt), state.nextStep, JSON.stringify(state.signals), JSON.stringify(state.facts), JSON.stringify(tag.guard), JSON.stringify(state.memory), tag.endedAt && toDate(tag.endedAt), end, toDate(tag.enteredAt)]; // prettier-ignore
  }

  private idOf(kind: string, number: number): string {
    return this.hasher.keyOf('cart', `${kind}:${number}`);
  }
}

const phoneOf = (person: number): string => `+9197${String(10_000_000 + person)}`;

/** FNV-1a and one step of mulberry32: at least 0, less than 1. */
function luck(name: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < name.length; index += 1) value = Math.imul(value ^ name.charCodeAt(index), 0x01000193);
  const start = (value + 0x6d2b79f5) | 0;
  const once = Math.imul(start ^ (start >>> 15), start | 1);
  const twice = once ^ (once + Math.imul(once ^ (once >>> 7), once | 61));
  return ((twice ^ (twice >>> 14)) >>> 0) / 2 ** 32;
}

/** In the order in which rows may point at each other. Columns of each row as the statement names them. */
const INSERTS: readonly (readonly [string, keyof Rows])[] = [
  [`with p as (select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::timestamptz[]) as p (id, customer, phone, token, at)),
         people as (insert into person (id, unit, created_at) select id, customer, at from p returning id),
         known as (insert into person_identifier (key, kind, person_id) select p.customer, 'customer', p.id from p join people on people.id = p.id union all select p.phone, 'phone', p.id from p join people on people.id = p.id),
         agreed as (insert into consent_entry (id, person_id, purpose, channel, state, at, recorded_at, source) select gen_random_uuid(), id, 'service', 'whatsapp', 'granted', at, at, 'bench' from p)
    insert into person_address (person_id, kind, key, last_seen_at) select p.id, 'phone', p.phone, p.at from p join people on people.id = p.id union all select p.id, 'push_token', p.token, p.at from p join people on people.id = p.id`, 'people'],
  [`insert into event (id, source, source_event_id, content_hash, name, occurred_at, received_at, test, sealed)
    select id, source, source_id, hash, name, at, at, false, sealed from unnest($1::uuid[], $2::text[], $3::text[], $4::bytea[], $5::text[], $6::timestamptz[], $7::bytea[]) as e (id, source, source_id, hash, name, at, sealed) order by at`, 'events'],
  [`insert into event_mark (key, event_name, occurred_at, event_id) select * from unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::uuid[])`, 'marks'],
  [`insert into run (id, journey_key, version, person_id, trigger_id, correlation, arm, test, lap, started_at, expires_at, next_step, due_at, signals, facts, stops, memory, ended_at, end_reason, entered_at)
    select id, journey, version, person, trigger, correlation, arm, false, lap, started, expires, step, null, signals, facts, stops, memory, ended, reason, entered
    from unnest($1::uuid[], $2::text[], $3::int[], $4::uuid[], $5::uuid[], $6::uuid[], $7::text[], $8::int[], $9::timestamptz[], $10::timestamptz[], $11::smallint[], $12::jsonb[], $13::jsonb[], $14::jsonb[], $15::jsonb[], $16::timestamptz[], $17::text[], $18::timestamptz[])
         as r (id, journey, version, person, trigger, correlation, arm, lap, started, expires, step, signals, facts, stops, memory, ended, reason, entered)`, 'runs'],
  [`insert into run_input (run_id, at, kind, detail, seq) select * from unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::jsonb[], $5::bigint[])`, 'inputs'],
  [`insert into decision (run_id, at, kind, step, reason, detail, seq) select * from unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::text[], $5::text[], $6::jsonb[], $7::bigint[])`, 'decisions'],
  [`insert into message (id, run_id, lap, step, journey_key, person_id, channel, provider, content, guard, test, state, due_at, not_after, created_at, called_at, fence, caps, claims)
    select id, run, lap, step, journey, person, channel, provider, content, guard, false, state, due, latest, made, called, 1, caps, claims
    from unnest($1::uuid[], $2::uuid[], $3::int[], $4::text[], $5::text[], $6::uuid[], $7::text[], $8::text[], $9::json[], $10::json[], $11::text[], $12::timestamptz[], $13::timestamptz[], $14::timestamptz[], $15::timestamptz[], $16::jsonb[], $17::jsonb[])
         as m (id, run, lap, step, journey, person, channel, provider, content, guard, state, due, latest, made, called, caps, claims)`, 'messages'],
  [`insert into receipt (id, message_id, provider, kind, at, received_at) select id, message, provider, kind, at, at from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::timestamptz[]) as r (id, message, provider, kind, at)`, 'receipts'],
]; // prettier-ignore

async function insert(client: Client, statement: string, rows: readonly unknown[][]): Promise<void> {
  if (rows.length === 0) return;
  const columns = (rows[0] as unknown[]).map((_, column) => rows.map((row) => row[column]));
  await client.query(statement, columns);
}
