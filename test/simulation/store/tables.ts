import { Table } from './postgres';

/** Moments are milliseconds since 1970, `Infinity` for Postgres' own; JSON is kept as text, so that nobody shares an object. */
type Moment = number;

type EventRow = {
  id: string;
  source: string;
  source_event_id: string | null;
  content_hash: Buffer;
  raw_hash: Buffer | null;
  name: string;
  occurred_at: Moment;
  received_at: Moment;
  test: boolean;
  sealed: Buffer;
};
type MarkRow = { key: string; event_name: string; occurred_at: Moment; event_id: string };
type PersonRow = { id: string; sealed_name: Buffer | null; unit: string; erased_at: Moment | null };
type IdentifierRow = { key: string; kind: string; person_id: string };
type AddressRow = {
  person_id: string;
  kind: string;
  key: string;
  sealed: Buffer;
  platform: string | null;
  last_seen_at: Moment;
  token_kind: string | null;
  permission: string | null;
  app: string | null;
};
type BlockRow = { key: string; channel: string; reason: string; until: Moment };
type ConsentRow = {
  id: string;
  person_id: string;
  purpose: string;
  channel: string;
  state: string;
  at: Moment;
  source: string;
  said_by: string | null;
};
type OutboxRow = {
  seq: number;
  handler: string;
  event: string;
  items: string;
  attempts: number;
  not_before: Moment;
  parked_at: Moment | null;
  last_error: string | null;
  created_at: Moment;
};
type VersionRow = { key: string; version: number; definition: string; content_hash: string; published_at: Moment };
type RunRow = {
  id: string;
  journey_key: string;
  version: number;
  person_id: string;
  trigger_id: string;
  correlation: string;
  arm: string;
  test: boolean;
  lap: number;
  started_at: Moment;
  expires_at: Moment;
  next_step: number;
  due_at: Moment | null;
  signals: string;
  /** What it knows, sealed. */
  sealed: Buffer;
  /** What of it may be down, by dimension. */
  rails: string | null;
  entered_at: Moment;
  /** Of what it began with. */
  reason_class: string | null;
  stops: string;
  memory: string;
  ended_at: Moment | null;
  end_reason: string | null;
  end_event_id: string | null;
};
type RunKeyRow = { key: string; run_id: string; absorbing: boolean };
type DecisionRow = {
  run_id: string;
  at: Moment;
  kind: string;
  step: string | null;
  reason: string | null;
  detail: string | null;
};
type RefusalRow = { event_id: string; journey_key: string; person_id: string | null; reason: string; at: Moment };
type MessageRow = {
  id: string;
  run_id: string;
  lap: number;
  step: string;
  journey_key: string;
  person_id: string;
  channel: string;
  provider: string | null;
  held_by: readonly string[] | null;
  /** Of a message from before texts were sealed. */
  content: string | null;
  sealed: Buffer | null;
  guard: string;
  test: boolean;
  state: string;
  reason: string | null;
  due_at: Moment;
  not_after: Moment;
  caps: string | null;
  created_at: Moment;
  called_at: Moment | null;
  fence: number;
  tried: readonly string[] | null;
  maybe_sent: boolean;
  called_off: string | null;
  parts: number | null;
  country: string | null;
  locale: string | null;
  template: string | null;
  claims: string | null;
  price_milli: number | null;
  price_currency: string | null;
  spent: boolean;
  variant: number;
  had_once_more: boolean;
  reopened: number | null;
  address_key: string | null;
  vendor_id: string | null;
  lease_until: Moment | null;
  not_before: Moment | null;
  offer_at: Moment | null;
};
type AttemptRow = {
  message_id: string;
  fence: number;
  part: number;
  provider: string;
  address_key: string | null;
  outcome: string;
  vendor_id: string | null;
};
type EarlierRow = {
  message_id: string;
  fence: number;
  attempt: number;
  provider: string;
  channel: string;
  called_at: Moment;
  price_milli: number | null;
  due_milli: number | null;
  price_currency: string | null;
};
type ReceiptRow = {
  id: string;
  message_id: string | null;
  provider: string;
  kind: string;
  at: Moment;
  received_at: Moment;
  vendor_id: string | null;
  address_key: string | null;
  class: string | null;
  scope: string | null;
  code: string | null;
  billing: string | null;
  reach: string | null;
  attempt: number;
};
type PauseRow = {
  provider: string;
  scope: string;
  subject: string;
  marketing_only: boolean;
  is_hold: boolean;
  reason: string;
  code: string;
  since: Moment;
  strikes: number;
  until: Moment | null;
};
type BreakerRow = { provider: string; opened_at: Moment; probe_at: Moment; failed_probes: number; code: string };
type SpendCapRow = { scope: string; amount: number; currency: string; actor: string; since: Moment; set_at: Moment };
type SpendDayRow = {
  day: string;
  scope: string;
  currency: string;
  milli: number;
  held_back: number;
  reached_at: Moment | null;
};
type StopRow = { scope: string; actor: string; since: Moment };
type StandingRow = { key: string; standing: string };
type PulseRow = { source: string; heard_at: Moment };
type WordRow = { key: string; gateway: string; state: string; asked_at: Moment };

const hex = (bytes: Buffer | null): string | null => bytes && bytes.toString('hex');

/** The tables of the send path with their unique indexes, as the migrations make them. */
export class Tables {
  readonly event = new Table<EventRow>('event', [
    { name: 'event_pkey', keyOf: ({ id }) => id },
    { name: 'event_once_by_id', keyOf: (one) => one.source_event_id && `${one.source} ${one.source_event_id}` },
    { name: 'event_once_by_body', keyOf: (one) => one.raw_hash && `${one.source} ${hex(one.raw_hash)}` },
  ]);
  readonly mark = new Table<MarkRow>('event_mark');
  readonly person = new Table<PersonRow>('person', [{ name: 'person_pkey', keyOf: ({ id }) => id }]);
  readonly identifier = new Table<IdentifierRow>('person_identifier', [
    { name: 'person_identifier_pkey', keyOf: (one) => `${one.key} ${one.person_id}` },
    { name: 'person_identifier_one_customer', keyOf: (one) => (one.kind === 'customer' ? one.key : null) },
  ]);
  readonly address = new Table<AddressRow>('person_address', [
    { name: 'person_address_pkey', keyOf: (one) => `${one.person_id} ${one.kind} ${one.key}` },
    { name: 'person_address_one_owner', keyOf: (one) => (one.kind === 'push_token' ? one.key : null) },
  ]);
  readonly block = new Table<BlockRow>('address_block', [
    { name: 'address_block_pkey', keyOf: (one) => `${one.key} ${one.channel}` },
  ]);
  readonly consent = new Table<ConsentRow>('consent_entry', [
    {
      name: 'consent_once',
      keyOf: (one) => [one.person_id, one.purpose, one.channel, one.state, one.at, one.source].join(' '),
    },
  ]);
  readonly outbox = new Table<OutboxRow>('bus_outbox');
  readonly version = new Table<VersionRow>('journey_version');
  readonly standing = new Table<StandingRow>('journey_standing', [{ name: 'journey_standing_pkey', keyOf: ({ key }) => key }]);
  readonly run = new Table<RunRow>('run', [
    { name: 'run_pkey', keyOf: ({ id }) => id },
    {
      name: 'run_of_matter',
      keyOf: (one) => (one.ended_at === null ? `${one.journey_key} ${one.correlation}` : null),
    },
  ]);
  readonly runKey = new Table<RunKeyRow>('run_key');
  readonly decision = new Table<DecisionRow>('decision');
  readonly refusal = new Table<RefusalRow>('refusal', [
    { name: 'refusal_pkey', keyOf: (one) => `${one.event_id} ${one.journey_key}` },
  ]);
  readonly message = new Table<MessageRow>('message', [
    { name: 'message_pkey', keyOf: ({ id }) => id },
    { name: 'message_once', keyOf: (one) => `${one.run_id} ${one.lap} ${one.step}` },
  ]);
  readonly attempt = new Table<AttemptRow>('attempt', [
    { name: 'attempt_pkey', keyOf: (one) => `${one.message_id} ${one.fence} ${one.part}` },
  ]);
  readonly earlier = new Table<EarlierRow>('earlier_attempt', [
    { name: 'earlier_attempt_pkey', keyOf: (one) => `${one.message_id} ${one.fence}` },
  ]);
  readonly receipt = new Table<ReceiptRow>('receipt', [
    { name: 'receipt_pkey', keyOf: ({ id }) => id },
    { name: 'receipt_once', keyOf: (one) => one.message_id && `${one.message_id} ${one.kind} ${one.attempt}` },
  ]);
  readonly pause = new Table<PauseRow>('provider_pause', [
    {
      name: 'provider_pause_pkey',
      keyOf: (one) => [one.provider, one.scope, one.subject, one.marketing_only, one.is_hold].join(' '),
    },
  ]);
  readonly breaker = new Table<BreakerRow>('provider_breaker', [
    { name: 'provider_breaker_pkey', keyOf: ({ provider }) => provider },
  ]);
  readonly stop = new Table<StopRow>('send_stop', [{ name: 'send_stop_pkey', keyOf: ({ scope }) => scope }]);
  readonly pulse = new Table<PulseRow>('source_pulse', [{ name: 'source_pulse_pkey', keyOf: ({ source }) => source }]);
  readonly word = new Table<WordRow>('payment_word', [{ name: 'payment_word_pkey', keyOf: ({ key }) => key }]);
  readonly spendCap = new Table<SpendCapRow>('spend_cap', [{ name: 'spend_cap_pkey', keyOf: ({ scope }) => scope }]);
  readonly spendDay = new Table<SpendDayRow>('spend_day', [
    { name: 'spend_day_pkey', keyOf: ({ day, scope }) => `${day} ${scope}` },
  ]);
  private lastSeq = 0;

  /** An identity column: never given back, also by a transaction that fails. */
  nextSeq(): number {
    return (this.lastSeq += 1);
  }

  /** The next moment after `now` at which some row asks to be looked at. */
  nextMomentAfter(now: number): number {
    let next = Number.POSITIVE_INFINITY;
    const note = (at: number | null): void => {
      if (at !== null && at > now && at < next) next = at;
    };
    for (const one of this.run.rows) note(one.committed?.due_at ?? null);
    for (const { committed: one } of this.message.rows) {
      if (one === undefined) continue;
      note(one.offer_at);
      note(one.not_before);
      note(one.lease_until);
    }
    for (const one of this.outbox.rows) note(one.committed?.not_before ?? null);
    for (const one of this.pause.rows) note(one.committed?.until ?? null);
    for (const one of this.breaker.rows) note(one.committed?.probe_at ?? null);
    return next;
  }

  /** Some row asks to be looked at now. */
  isAnyWaiting(now: number): boolean {
    const isDue = (at: number | null): boolean => at !== null && at <= now;
    return (
      this.run.all().some(({ due_at }) => isDue(due_at)) ||
      this.message.all().some(({ offer_at, lease_until }) => isDue(offer_at) || isDue(lease_until)) ||
      this.outbox.all().some(({ not_before, parked_at }) => parked_at === null && isDue(not_before)) ||
      this.receipt.all().some(({ message_id }) => message_id === null) ||
      this.pause.all().some(({ since }) => since > now - 2_000) ||
      this.breaker.all().length > 0
    );
  }
}
