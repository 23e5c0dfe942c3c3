import { type Database, type Transaction } from '@wapas/database';
import { type EntityKey } from '@wapas/entity-keys';
import { type Instant } from '@wapas/kernel';
import { type ErrorClass, failed, accepted, type SendOutcome } from '@wapas/provider-kit';
import { rateStore } from '@wapas/rates/store';
import { outbox } from '../../../libs/events/outbox.store';
import { callOffStore } from '../../../src/channels/store/call-off.store';
import { type EndedCall, messageStore, type NewMessage } from '../../../src/channels/store/message.store';
import { breakerStore } from '../../../src/channels/store/breaker.store';
import { pauseStore } from '../../../src/channels/store/pause.store';
import { furtherAttemptStore } from '../../../src/channels/store/further-attempt.store';
import { FIRST_PARKED, type MatchedReceipt, type ParkedPlace, receiptStore } from '../../../src/channels/store/receipt.store';
import { spendStore } from '../../../src/channels/store/spend.store';
import { stopStore } from '../../../src/channels/store/stop.store';
import { dltTemplateStore } from '../../../src/channels/store/dlt-template.store';
import { type EventRow, eventStore } from '../../../src/ingestion/store/event.store';
import { journeyStore } from '../../../src/journeys/store/journey.store';
import { entryStore } from '../../../src/journeys/store/entry.store';
import { type ParkReason } from '../../../src/journeys/rules/run';
import { type NewRun, runStore, type StoredRun } from '../../../src/journeys/store/run.store';
import { contactStore } from '../../../src/profiles/store/contact.store';
import { consentStore } from '../../../src/profiles/store/consent.store';
import { mergeStore } from '../../../src/profiles/store/merge.store';
import { MARK_ERASED } from '../../../src/profiles/store/erasure.store';
import { addressStore } from '../../../src/profiles/store/address.store';
import { personStore } from '../../../src/profiles/store/person.store';
import { statusCheckStore } from '../../../src/channels/store/status-check.store';
import { BEGINNING, liveRunStore } from '../../../src/journeys/store/live-run.store';
import { sourcePulseStore } from '../../../src/ingestion/store/source-pulse.store';
import { paymentWordStore } from '../../../src/payments/store/payment-word.store';
import { waitingStore } from '../../../src/channels/store/waiting.store';

/** What a case may do beside the stores: look at the clock, and make a row older than it is. */
export interface Hand {
  readonly now: Instant;
  /** Moves a moment of every row of a table into the past. */
  readonly age: (table: string, column: string, ms: number) => Promise<void>;
}

/** Uses stores, and gives what they answered. Both implementations must give the same. */
export type StoreCase = (db: Database, hand: Hand) => Promise<unknown>;

const id = (number: number): string => `01920000-0000-7000-8000-${String(number).padStart(12, '0')}`;
const key = (number: number): EntityKey => `${String(number).padStart(8, '0')}-0000-4000-8000-000000000000` as EntityKey;
const minutes = (now: Instant, count: number): Instant => (now + count * 60_000) as Instant;
const codeOf = (error: unknown): string => (error as { code?: string }).code ?? String(error);

/** Something that opens once. */
function gate(): { readonly opened: Promise<void>; open: () => void } {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
}

/** A few turns at the server, so that what was sent before has arrived there. */
async function turns(db: Database): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await runStore.isAnyDue(db);
}

/**
 * `first` keeps its transaction open until `second`, which passes over what somebody has, is done. However long the server takes over
 * it: as many turns as one likes may be over before a busy server has come to a statement on another connection.
 */
async function passingOver<A, B>(
  db: Database,
  first: (tx: Transaction) => Promise<A>,
  second: () => Promise<B>,
): Promise<[A, B]> {
  return db.transaction(async (tx) => {
    const answer = await first(tx);
    return [answer, await second()];
  });
}

/**
 * `first` keeps its transaction open until `second` has sent what it has to send, and is waiting as a rule. Where it has not arrived yet
 * it finds what it would have waited for: the answers are the same.
 */
async function overlapping<A, B>(
  db: Database,
  first: (tx: Transaction) => Promise<A>,
  second: () => Promise<B>,
  end: 'commit' | 'rollback' = 'commit',
): Promise<[A | 'rolled back', B]> {
  const [hasActed, mayEnd] = [gate(), gate()];
  // Connections are there beforehand: what has to open one first arrives after the turns.
  await Promise.all(Array.from({ length: 3 }, () => runStore.isAnyDue(db)));
  const one = db
    .transaction(async (tx) => {
      const answer = await first(tx);
      hasActed.open();
      await mayEnd.opened;
      if (end === 'rollback') throw new Error('roll back');
      return answer;
    })
    .catch((): 'rolled back' => 'rolled back');
  await hasActed.opened;
  const other = second();
  await turns(db);
  mayEnd.open();
  return [await one, await other];
}

// What the cases are made of.

const event = (number: number, more: Partial<EventRow> = {}): EventRow => ({
  id: id(number),
  source: 'shop',
  sourceEventId: `e${number}`,
  contentHash: Buffer.from(`content ${number}`),
  name: 'Payment Failed',
  test: false,
  content: {},
  contentText: `{"n":${number}}`,
  keys: [{ kind: 'order', key: key(number) }],
  ...more,
});

const run = (now: Instant, number: number, more: Partial<NewRun['state']> = {}): NewRun => ({
  state: {
    id: id(number),
    arm: 'treated',
    lap: 1,
    startedAt: now,
    expiresAt: minutes(now, 60),
    nextStep: 0,
    dueAt: minutes(now, -1),
    signals: {},
    facts: { keys: { order: `o${number}` }, properties: {}, attempts: 1 },
    isOver: false,
    unit: id(900),
    memory: {},
    ...more,
  },
  journeyKey: 'playbook',
  version: 1,
  personId: id(900),
  test: false,
  triggerId: id(800),
  correlation: key(number),
  guard: { keys: [{ key: key(number), absorbing: true }], since: now, stops: { 'Payment Captured': 'goal_reached' } },
});

const message = (now: Instant, number: number, more: Partial<NewMessage> = {}): NewMessage => ({
  id: id(number),
  runId: id(number),
  lap: 1,
  step: 'push',
  journeyKey: 'playbook',
  personId: id(900),
  channel: 'push',
  provider: 'vendor',
  content: { title: 'a', body: 'b' },
  others: [],
  guard: { keys: [], since: now, stops: {} },
  test: false,
  state: 'planned',
  reason: null,
  dueAt: now,
  notAfter: minutes(now, 30),
  caps: { marketing: true, perRun: 3 },
  parts: null,
  locale: null,
  ...more,
});

const call = (number: number, fence: number, outcome: SendOutcome, after: EndedCall['after']): EndedCall => ({
  messageId: id(number),
  fence,
  startedAt: 0,
  endedAt: 1,
  parts: [{ addressKey: key(number), outcome }],
  outcome,
  after,
});
const failure = (kind: ErrorClass): SendOutcome => failed({ class: kind, scope: 'message', code: 'X' });

const receipt = (number: number, messageId: number | null, more: Partial<MatchedReceipt> = {}): MatchedReceipt => ({
  id: id(number),
  messageId: messageId === null ? null : id(messageId),
  provider: 'vendor',
  kind: 'delivered',
  at: 1_700_000_000_000,
  ...more,
});

/** A failure that says how far it reaches and for how long. */
const FAILED_ON_THE_WAY: Partial<MatchedReceipt> = {
  kind: 'failed',
  class: 'refused',
  scope: 'address',
  code: '131049',
  only: 'marketing',
  holdsForMs: 86_400_000,
};

/** A run that has ended. */
const over = (run: number, reason = 'goal_reached') => ({ runId: id(run), reason });

const insertMessages = (db: Database, messages: readonly NewMessage[]): Promise<string[]> =>
  db.transaction(async (tx) => [...(await messageStore.insert(tx, messages))]);

/** Claims as the use case does, and says what it found. */
const claim = (db: Database, now: Instant, numbers: readonly number[]): Promise<string[]> =>
  db.transaction(async (tx) => {
    const ids = numbers.map(id);
    await messageStore.candidates(tx, ids);
    const locked = await messageStore.lockForClaim(tx, ids, null);
    await messageStore.startCalls(
      tx,
      locked.map((one) => ({ id: one.id, addressKey: key(7), record: { at: now }, price: null, country: 'IN' })),
      now,
    );
    return locked.map((one) => `${one.id} fence ${one.fence}`);
  });

const insertRuns = (db: Database, runs: readonly NewRun[]): Promise<void> =>
  db.transaction(async (tx) => runStore.insert(tx, runs, (runs[0] as NewRun).state.startedAt));

const ended = (before: StoredRun, at: Instant, reason: string) => ({
  before,
  after: { ...before.state, isOver: true, dueAt: null },
  inputs: [],
  decisions: [{ kind: 'end' as const, reason, at }],
});

const whenever = (...keys: readonly EntityKey[]) => keys.map((one) => ({ key: one, since: null }));

export const STORE_CASES: Readonly<Record<string, StoreCase>> = {
  'an event is stored once by its id, with a mark for each of its keys': async (db) => {
    const insert = (rows: readonly EventRow[]) => db.transaction(async (tx) => [...(await eventStore.insert(tx, rows)).stale]);
    const first = await insert([event(1), event(2, { keys: [] })]);
    const again = await insert([event(3, { sourceEventId: 'e1' }), event(4)]);
    const earlier = await db.transaction((tx) =>
      eventStore.findEarlier(tx, [event(5), event(3, { sourceEventId: 'e1' }), event(6, { sourceEventId: undefined })]),
    );
    return {
      first,
      again,
      earlier: [...earlier].map(([position, one]) => [position, one.id, one.sameId]),
      events: await eventStore.byIds(db, [id(1), id(3), id(4)]),
      marks: await eventStore.marks(db, whenever(key(1), key(3), key(4)), ['Payment Failed']),
      otherNames: await eventStore.marks(db, whenever(key(1)), ['Order Paid']),
    };
  },

  'the same bytes are the same event, whatever id they carry': async (db) => {
    const rawHash = Buffer.from('bytes');
    const insert = (row: EventRow) => db.transaction(async (tx) => [...(await eventStore.insert(tx, [row])).stale]);
    const first = await insert(event(1, { rawHash }));
    const again = await insert(event(2, { rawHash }));
    const earlier = await db.transaction((tx) => eventStore.findEarlier(tx, [event(2, { rawHash })]));
    return { first, again, earlier: [...earlier].map(([position, one]) => [position, one.id, one.sameId]) };
  },

  'nothing has happened later than now': async (db, { now }) => {
    await db.transaction((tx) =>
      eventStore.insert(tx, [
        event(1, { occurredAt: minutes(now, 600) }),
        event(2, { occurredAt: minutes(now, -5) }),
        event(3, { occurredAt: undefined }),
      ]),
    );
    const marks = await eventStore.marks(db, whenever(key(1), key(2), key(3)), ['Payment Failed']);
    return marks.map(({ eventId, occurredAt }) => [eventId, new Date(occurredAt)]);
  },

  'of each key only what happened since its own time is told': async (db, { now }) => {
    const at = [-30, -20, -10].map((minute) => minutes(now, minute));
    await db.transaction((tx) =>
      eventStore.insert(
        tx,
        at.map((occurredAt, index) =>
          event(index + 1, { occurredAt, keys: [1, 2, 3].map((one) => ({ kind: 'phone', key: key(one) })) }),
        ),
      ),
    );
    const marks = await eventStore.marks(
      db,
      [
        { key: key(1), since: at[1] as Instant },
        { key: key(2), since: null },
        { key: key(3), since: at[2] as Instant },
        { key: key(3), since: at[0] as Instant },
      ],
      ['Payment Failed'],
    );
    return marks.map((mark) => `${mark.key} ${mark.eventId}`).sort();
  },

  'a second writer of an id waits, and then knows': async (db) => {
    const insert = (tx: Transaction, row: EventRow) => eventStore.insert(tx, [row]).then(({ stale }) => [...stale]);
    return overlapping(
      db,
      (tx) => insert(tx, event(1)),
      () => db.transaction((tx) => insert(tx, event(2, { sourceEventId: 'e1' }))),
    );
  },

  'a second writer of an id that was rolled back is the first': async (db) => {
    const insert = (tx: Transaction, row: EventRow) => eventStore.insert(tx, [row]).then(({ stale }) => [...stale]);
    return overlapping(
      db,
      (tx) => insert(tx, event(1)),
      () => db.transaction((tx) => insert(tx, event(2, { sourceEventId: 'e1' }))),
      'rollback',
    );
  },

  'what is not committed is seen by nobody else, and by the next statement once it is': async (db) => {
    const seen: number[] = [];
    const look = async (tx: Transaction): Promise<void> => {
      seen.push((await eventStore.marks(tx, whenever(key(1)), ['Payment Failed'])).length);
    };
    const [hasLooked, isCommitted] = [gate(), gate()];
    const reader = db.transaction(async (tx) => {
      await look(tx);
      hasLooked.open();
      await isCommitted.opened;
      await look(tx);
    });
    await hasLooked.opened;
    await db.transaction(async (tx) => {
      await eventStore.insert(tx, [event(1)]);
      await look(tx);
      seen.push((await eventStore.marks(db, whenever(key(1)), ['Payment Failed'])).length);
    });
    isCommitted.open();
    await reader;
    return seen;
  },

  'what a transaction did is gone when it fails': async (db, { now }) => {
    const failure = await db
      .transaction(async (tx) => {
        await eventStore.insert(tx, [event(1)]);
        runStore.insert(tx, [run(now, 1), run(now, 1)], now);
      })
      .catch(codeOf);
    return { failure, events: await eventStore.byIds(db, [id(1)]) };
  },

  'a key lock that is held for long gives up waiting': async (db) => {
    const timeout = () => db.transaction(async (tx) => tx.lockKeys([key(1)]), 'set local lock_timeout = 20').catch(codeOf);
    const held = gate();
    const holder = db.transaction(async (tx) => {
      tx.lockKeys([key(1), key(2)]);
      await tx.businessNow();
      const holders = await db.heldKeys([key(1), key(2), key(3)]);
      const answers = [await timeout(), [...holders.keys()].sort(), new Set(holders.values()).size];
      held.open();
      return answers;
    });
    return { during: await holder, after: [...(await db.heldKeys([key(1)])).keys()] };
  },

  'an account of which its vendor told nothing is not resumed': (db) => pauseStore.resumeAccount(db, 'vendor'),

  'of two that wait for each other one is run again': async (db) => {
    let attempts = 0;
    const [a, b] = [gate(), gate()];
    const work = (first: EntityKey, second: EntityKey, own: typeof a, others: typeof a) =>
      db.transaction(async (tx) => {
        attempts += 1;
        tx.lockKeys([first]);
        await tx.businessNow();
        own.open();
        await others.opened;
        tx.lockKeys([second]);
        await tx.businessNow();
      });
    await Promise.all([work(key(1), key(2), a, b), work(key(2), key(1), b, a)]);
    return { attempts };
  },

  'people are known by their identifiers, and reached where they were seen last': async (db, { now }) => {
    const at = (ago: number): Instant => minutes(now, -ago);
    await db.transaction(async (tx) => {
      personStore.save(tx, {
        newPeople: [
          { id: id(1), unit: key(1), name: 'Asha' },
          { id: id(2), unit: key(2) },
        ],
        newIdentifiers: [
          { key: key(1), kind: 'customer', personId: id(1) },
          { key: key(11), kind: 'phone', personId: id(1) },
          { key: key(11), kind: 'phone', personId: id(2) },
        ],
      });
      personStore.save(tx, { newPeople: [], newIdentifiers: [{ key: key(1), kind: 'customer', personId: id(2) }] });
      const token = (number: number, personId: string, ago: number, more: object = {}) => ({
        personId,
        kind: 'push_token' as const,
        key: key(number),
        value: `token ${number}`,
        platform: 'android',
        lastSeenAt: at(ago),
        ...more,
      });
      addressStore.sight(tx, [
        { personId: id(1), kind: 'phone', key: key(11), value: '+919876543210', lastSeenAt: at(200) },
        token(21, id(1), 90),
        token(22, id(1), 30),
        token(23, id(1), 10, { permission: 'denied' }),
        token(24, id(1), 5),
      ]);
      // Seen again: an hour later it is news, sooner only when the permission is another one.
      addressStore.sight(tx, [token(21, id(1), 20)]);
      addressStore.sight(tx, [token(22, id(1), 1)]);
      addressStore.sight(tx, [token(24, id(2), 2)]);
      await addressStore.block(tx, [
        { key: key(21), channel: 'push', reason: 'bad_address' },
        { key: key(22), channel: 'push', reason: 'temporary', lastsMs: -60_000 },
        { key: key(22), channel: 'sms', reason: 'bad_address' },
      ]);
      // A shorter one takes nothing from a longer one.
      await addressStore.block(tx, [{ key: key(21), channel: 'push', reason: 'temporary', lastsMs: -60_000 }]);
    });
    const reachable = await addressStore.reachable(db, [id(1), id(2)], 'push_token', 'push');
    const known = await personStore.identifiers(db, [key(11), key(1)]);
    return {
      known: known.map((one) => [one.key, one.kind, one.personId, one.lastSeenAt !== null]).sort(),
      reachable: [...reachable].map(([personId, one]) => [personId, one?.value]).sort(),
      phones: [...(await addressStore.reachable(db, [id(1), id(2)], 'phone', 'sms'))].map(([, one]) => one?.value),
      tokens: (await addressStore.liveTokens(db, [id(1), id(2)], 'push', [key(99)])).map(({ personId, value }) => [
        personId,
        value,
      ]),
      elsewhere: (await addressStore.liveTokens(db, [id(1)], 'web', [key(22)])).map(({ value }) => value),
      about: (await personStore.about(db, [id(1), id(2), id(3)])).sort((a, b) => (a.id < b.id ? -1 : 1)),
    };
  },

  'a device stays with whoever showed it last, in whatever order that is heard': async (db, { now }) => {
    const seen = (personId: string, ago: number) => ({
      personId,
      kind: 'push_token' as const,
      key: key(21),
      value: `token of ${personId}`,
      platform: 'android',
      lastSeenAt: minutes(now, -ago),
    });
    await db.transaction(async (tx) =>
      personStore.save(tx, { newPeople: [1, 2].map((number) => ({ id: id(number), unit: key(number) })), newIdentifiers: [] }),
    );
    const owners: (string | undefined)[] = [];
    for (const sighted of [seen(id(2), 50), seen(id(2), 10), seen(id(1), 20), seen(id(1), 5), seen(id(2), 5)]) {
      await db.transaction(async (tx) => addressStore.sight(tx, [sighted]));
      const [live] = await addressStore.liveTokens(db, [id(1), id(2)], 'push', [key(99)]);
      owners.push(live?.value);
    }
    return owners;
  },

  'who was erased is told to whoever is about to learn something of them, and to whoever would write to them': async (
    db,
    { now },
  ) => {
    const held = await db.transaction(async (tx) => {
      personStore.save(tx, {
        newPeople: [
          { id: id(1), unit: key(1), name: 'Asha' },
          { id: id(2), unit: key(2) },
        ],
        newIdentifiers: [],
      });
      addressStore.sight(tx, [{ personId: id(1), kind: 'phone', key: key(11), value: '+91', lastSeenAt: now }]);
      await tx.query(MARK_ERASED, [[id(1)]]);
      return [...(await personStore.hold(tx, [id(2), id(1), id(3)])).keys()];
    });
    return {
      held,
      erased: [...(await personStore.erased(db, [id(1), id(2), id(3)]))],
      contact: [...(await addressStore.reachable(db, [id(1)], 'phone', 'sms')).values()].map((one) => one?.contact.erased),
      about: (await personStore.about(db, [id(1)])).map(({ name }) => name),
    };
  },

  'the same consent told twice is one, and stands beside the address': async (db, { now }) => {
    const said = (state: 'granted' | 'withdrawn', ago: number) => ({
      personId: id(1),
      purpose: 'all' as const,
      channel: 'sms',
      state,
      at: minutes(now, -ago),
      source: 'shop',
    });
    const counts = await db.transaction(async (tx) => {
      personStore.save(tx, { newPeople: [{ id: id(1), unit: key(1) }], newIdentifiers: [] });
      addressStore.sight(tx, [{ personId: id(1), kind: 'phone', key: key(11), value: '+91', lastSeenAt: now }]);
      return [
        (await consentStore.append(tx, [said('granted', 9), said('withdrawn', 3)])).length,
        (await consentStore.append(tx, [said('granted', 9)])).length,
      ];
    });
    const [reached] = [...(await addressStore.reachable(db, [id(1)], 'phone', 'sms')).values()];
    return {
      counts,
      heirs: [...(await mergeStore.heirs(db, [id(1)]))],
      consents: reached?.contact.consents.map(({ state, at }) => [state, new Date(at)]),
      restricted: [...(await contactStore.restricted(db, [id(1), id(2)]))].map(([person, facts]) => [
        person,
        facts.consents.length,
      ]),
      rest: [reached?.contact.minor, reached?.contact.dnd, reached?.contact.suppressions],
    };
  },

  'what was last taken back by a number binds whoever comes to have it': async (db, { now }) => {
    const said = (purpose: 'service' | 'marketing', state: 'granted' | 'withdrawn', ago: number, saidBy = key(11)) => ({
      personId: id(1),
      purpose,
      channel: 'sms',
      state,
      at: minutes(now, -ago),
      source: 'shop',
      saidBy,
    });
    await db.transaction(async (tx) => {
      personStore.save(tx, { newPeople: [1, 2].map((n) => ({ id: id(n), unit: key(n) })), newIdentifiers: [] });
      await consentStore.append(tx, [
        said('service', 'granted', 9),
        said('service', 'withdrawn', 3),
        said('marketing', 'withdrawn', 9),
        said('marketing', 'granted', 3),
        said('marketing', 'withdrawn', 1, key(12)),
      ]);
    });
    for (let times = 0; times < 2; times += 1)
      await db.transaction(async (tx) => consentStore.inherit(tx, [{ key: key(11), personId: id(2) }]));
    const restricted = await contactStore.restricted(db, [id(2)]);
    return restricted.get(id(2))?.consents.map(({ purpose, state, at }) => [purpose, state, new Date(at)]);
  },

  'due runs are claimed once, the longest due first, and passed over while somebody has them': async (db, { now }) => {
    await insertRuns(db, [
      run(now, 1, { dueAt: minutes(now, -3) }),
      run(now, 2, { dueAt: minutes(now, -5) }),
      run(now, 3, { dueAt: minutes(now, 5) }),
      run(now, 4, { dueAt: null }),
    ]);
    const ids = (runs: readonly StoredRun[]): string[] => runs.map(({ state }) => state.id);
    const [first, second] = await passingOver(
      db,
      async (tx) => ids(await runStore.claimDue(tx, 1)),
      () => db.transaction(async (tx) => ids(await runStore.claimDue(tx, 10))),
    );
    return { isAnyDue: await runStore.isAnyDue(db), first, second };
  },

  'a run is read as it was written, waited for, and ends once': async (db, { now }) => {
    await insertRuns(db, [run(now, 1), run(now, 2)]);
    const lock = (tx: Transaction, ...numbers: number[]) => runStore.lock(tx, numbers.map(id));
    const end = (reason: string) => async (tx: Transaction) => {
      const [one] = await lock(tx, 1);
      runStore.save(tx, [ended(one as StoredRun, now, reason)], now);
      return [one?.state.isOver];
    };
    const both = await overlapping(db, end('goal_reached'), () => db.transaction(end('window_over')));
    const moved = await db.transaction(async (tx) => {
      const [two] = await lock(tx, 2, 9);
      const after = { ...(two as StoredRun).state, nextStep: 1, dueAt: minutes(now, 7) };
      runStore.save(
        tx,
        [{ before: two as StoredRun, after, inputs: [], decisions: [{ kind: 'skip', step: 'push', reason: 'x' }] }],
        now,
      );
      return lock(tx, 2, 1);
    });
    return { both, moved, matters: [...(await entryStore.ofMatters(db, [{ journeyKey: 'playbook', correlation: key(1) }]))] };
  },

  'what a run knows changes with a further attempt, and is else left alone, as how it began is': async (db, { now }) => {
    const knowing = run(now, 1);
    const facts = { ...knowing.state.facts, reason: { class: 'user_error' } };
    await insertRuns(db, [{ ...knowing, state: { ...knowing.state, facts } }, run(now, 2)]);
    await db.transaction(async (tx) => {
      const [one, two] = (await runStore.lock(tx, [1, 2].map(id))) as [StoredRun, StoredRun];
      const facts = { ...one.state.facts, reason: { class: 'bank_down' }, properties: { bank: 'HDFC' }, attempts: 2 };
      const attach = { kind: 'attach', eventId: id(7), facts } as const;
      const see = { kind: 'see', at: now } as const;
      runStore.save(
        tx,
        [
          { before: one, after: { ...one.state, facts }, inputs: [], decisions: [attach] },
          { before: two, after: { ...two.state, memory: { activeAt: now } }, inputs: [], decisions: [see] },
        ],
        now,
      );
    });
    return db.transaction((tx) => runStore.lock(tx, [1, 2].map(id)));
  },

  'a run that is postponed is not due for a minute': async (db, { now }) => {
    await insertRuns(db, [run(now, 1), run(now, 2)]);
    await db.transaction(async (tx) => runStore.postpone(tx, [id(1)]));
    const due = await db.transaction((tx) => runStore.claimDue(tx, 10));
    const [one] = await db.transaction((tx) => runStore.lock(tx, [id(1)]));
    const isLater = (one?.state.dueAt ?? 0) > now && (one?.state.dueAt ?? 0) <= minutes(now, 2);
    return { due: due.map(({ state }) => state.id), isLater };
  },

  'live runs are walked in the order in which they are due, page by page, without those of tests': async (db, { now, age }) => {
    await insertRuns(db, [run(now, 3), run(now, 1), run(now, 2), run(now, 4, { dueAt: null }), { ...run(now, 5), test: true }]);
    const pages: string[][] = [];
    let place = BEGINNING;
    for (;;) {
      const page = await liveRunStore.after(db, place, 2);
      pages.push(page.map((one) => one.id));
      const last = page.at(-1);
      if (last === undefined) break;
      place = last;
    }
    const [first] = await liveRunStore.after(db, BEGINNING, 1);
    await db.transaction((tx) => paymentWordStore.keep(tx, [{ key: key(1), gateway: 'played', state: 'open' }]));
    await paymentWordStore.forget(db, 10);
    const kept = (await paymentWordStore.ofKeys(db, [key(1)])).size;
    await age('payment_word', 'asked_at', 25 * 3_600_000);
    await paymentWordStore.forget(db, 10);
    return { pages, stops: first?.guard.stops, kept, left: (await paymentWordStore.ofKeys(db, [key(1)])).size };
  },

  'a matter has one live run, and remembers those before it': async (db, { now }) => {
    await insertRuns(db, [run(now, 1)]);
    const second = { ...run(now, 2), correlation: key(1) };
    const refused = await insertRuns(db, [second]).catch(codeOf);
    const end = (runId: string): Promise<void> =>
      db.transaction(async (tx) => {
        const [one] = await runStore.lock(tx, [runId]);
        runStore.save(tx, [ended(one as StoredRun, now, 'window_over')], now);
      });
    await end(id(1));
    await insertRuns(db, [second]);
    await end(id(2));
    await insertRuns(db, [{ ...run(now, 3), correlation: key(1) }]);
    const matters = await entryStore.ofMatters(db, [
      { journeyKey: 'playbook', correlation: key(1) },
      { journeyKey: 'playbook', correlation: key(9) },
      { journeyKey: 'other', correlation: key(1) },
    ]);
    return {
      refused,
      matters: [...matters].map(([position, one]) => [
        position,
        one.liveId,
        one.livePersonId,
        one.entries,
        one.lastEndedAt !== null,
      ]),
      entered: [...(await entryStore.entered(db, [{ journeyKey: 'playbook', personId: id(900) }])).keys()],
      live: (await db.transaction((tx) => runStore.liveByKeys(tx, [key(1), key(2)]))).map((one) => one.runId).sort(),
    };
  },

  'a run whose window has closed is still found by its keys, one that reached its goal is not': async (db, { now }) => {
    await insertRuns(db, [run(now, 1), run(now, 2), run(now, 3), run(now, 4, { memory: { hasLateGoal: true } })]);
    await db.transaction(async (tx) => {
      const [one, two, , four] = await runStore.lock(tx, [1, 2, 3, 4].map(id));
      runStore.save(
        tx,
        [
          ended(one as StoredRun, now, 'window_over'),
          ended(two as StoredRun, now, 'goal_reached'),
          ended(four as StoredRun, now, 'window_over'),
        ],
        now,
      );
    });
    const live = await db.transaction((tx) => runStore.liveByKeys(tx, [1, 2, 3, 4].map(key)));
    return live.map((one) => [one.key, one.runId, one.absorbing]).sort();
  },

  'a trigger is refused once for each journey': async (db, { now }) => {
    const refusal = { eventId: id(1), journeyKey: 'playbook', version: 1, personId: null, reason: 'event_too_old' } as const;
    await db.transaction(async (tx) => entryStore.refuse(tx, [refusal], now));
    await db.transaction(async (tx) => entryStore.refuse(tx, [{ ...refusal, reason: 'filter_not_met' }], now));
    return 'no error';
  },

  'parked runs go on from where they stood, unless their journey is paused': async (db, { now }) => {
    const parked = { reason: 'journey_paused' as const, dueAt: minutes(now, 4) };
    await insertRuns(db, [run(now, 1, { dueAt: null, memory: { parked, postponed: 1 } }), run(now, 2)]);
    const paused = await runStore.unpark(db, ['other'], [], 10);
    const freed = await runStore.unpark(db, ['playbook'], [], 10);
    const [one] = await db.transaction((tx) => runStore.lock(tx, [id(1)]));
    return { paused, freed, memory: one?.state.memory, dueAt: one?.state.dueAt && new Date(one.state.dueAt) };
  },

  'what is down at a gateway keeps runs of that gateway parked, and those that name none; it lets others go': async (
    db,
    { now },
  ) => {
    const parked = { reason: 'incident_of_method' as const, dueAt: minutes(now, 4) };
    const over = (number: number, properties: Record<string, string>, reason: ParkReason = parked.reason) =>
      run(now, number, { dueAt: null, memory: { parked: { ...parked, reason } }, facts: { keys: {}, properties, attempts: 1 } });
    await insertRuns(db, [
      over(1, { method: 'UPI', gateway: 'razorpay' }),
      over(2, { method: 'upi', gateway: 'Cashfree' }),
      over(3, { method: 'upi' }),
      over(4, { method: 'card', gateway: 'razorpay' }),
      over(5, { method: 'upi', gateway: 'razorpay' }, 'journey_paused'),
    ]);
    const isParked = async () =>
      (await db.transaction((tx) => runStore.lock(tx, [1, 2, 3, 4, 5].map(id)))).map(({ state }) => 'parked' in state.memory);
    const upi = { dimension: 'method', value: 'upi' } as const;
    const answers = [];
    for (const down of [[{ ...upi, gateway: null }], [{ ...upi, gateway: 'razorpay' }], [{ ...upi, gateway: 'stripe' }], []]) {
      answers.push(await runStore.unpark(db, ['playbook'], down, 10), await isParked());
    }
    return answers;
  },

  'a step gets one message, however often it asks': async (db, { now }) => {
    const first = await insertMessages(db, [message(now, 1), message(now, 2, { runId: id(1) })]);
    const other = await insertMessages(db, [
      message(now, 3, { runId: id(1), step: 'sms' }),
      message(now, 4, { runId: id(1), lap: 2 }),
    ]);
    return { first, other };
  },

  'what is stopped, held back or on its way is no candidate': async (db, { now }) => {
    await insertMessages(db, [
      message(now, 1),
      message(now, 2, { journeyKey: 'other' }),
      message(now, 3),
      message(now, 4, { state: 'skipped', reason: 'x' }),
      message(now, 5),
    ]);
    await claim(db, now, [3, 5]);
    await db.transaction((tx) =>
      messageStore.endCalls(tx, 'vendor', [call(5, 1, failure('temporary'), { state: 'retryable', retryInMs: 60_000 })]),
    );
    const candidates = () =>
      db.transaction(async (tx) => (await messageStore.candidates(tx, [1, 2, 3, 4, 5].map(id))).map((one) => one.id).sort());
    const before = await candidates();
    const set = [
      await stopStore.set(db, 'journey:playbook', 'somebody'),
      await stopStore.set(db, 'journey:playbook', 'somebody else'),
    ];
    const stopped = await candidates();
    await stopStore.set(db, 'all', 'somebody');
    const allStopped = await candidates();
    const lifted = [await stopStore.lift(db, 'all'), await stopStore.lift(db, 'all')];
    return { before, set, stopped, allStopped, lifted };
  },

  'a message is claimed by one at a time, and by nobody afterwards': async (db, { now }) => {
    await insertMessages(db, [message(now, 1), message(now, 2)]);
    const both = await passingOver(
      db,
      async (tx) => (await messageStore.lockForClaim(tx, [id(1)], null)).map((one) => [one.id, one.fence, one.caps]),
      () => claim(db, now, [2, 1]),
    );
    return { both, again: await claim(db, now, [1, 2]), once: await claim(db, now, [1, 2]) };
  },

  'only whoever holds the fence says how a call ended': async (db, { now }) => {
    await insertMessages(db, [message(now, 1)]);
    await claim(db, now, [1]);
    const end = (fence: number, outcome: SendOutcome, after: EndedCall['after']) =>
      db.transaction((tx) => messageStore.endCalls(tx, 'vendor', [call(1, fence, outcome, after)]));
    const stale = await end(2, accepted('v0'), { state: 'sent' });
    const both = await overlapping(
      db,
      (tx) => messageStore.endCalls(tx, 'vendor', [call(1, 1, accepted('v1'), { state: 'sent' })]),
      () => end(1, failure('refused'), { state: 'rejected', reason: 'refused' }),
    );
    return { stale, both, attempts: await db.transaction((tx) => receiptStore.byVendorId(tx, 'vendor', ['v0', 'v1', 'v2'])) };
  },

  'what was given back is claimed anew under the next fence': async (db, { now }) => {
    await insertMessages(db, [message(now, 1)]);
    await claim(db, now, [1]);
    await messageStore.giveBack(db, [{ id: id(1), fence: 2 }]);
    const withWrongFence = await claim(db, now, [1]);
    await messageStore.giveBack(db, [{ id: id(1), fence: 1 }]);
    return { withWrongFence, again: await claim(db, now, [1]) };
  },

  'what was given back keeps its place under the caps when an earlier call may have been taken': async (db, { now }) => {
    await insertMessages(
      db,
      [1, 2].map((number) => message(now, number)),
    );
    await claim(db, now, [1, 2]);
    const again = { state: 'retryable', retryInMs: 0, maybeSent: true } as const;
    await db.transaction((tx) => messageStore.endCalls(tx, 'vendor', [call(1, 1, failure('unknown_outcome'), again)]));
    await claim(db, now, [1]);
    await messageStore.giveBack(db, [
      { id: id(1), fence: 2 },
      { id: id(2), fence: 1 },
    ]);
    const taken = await db.transaction((tx) => messageStore.taken(tx, [id(900)]));
    return { taken: taken.map((one) => one.messageId), again: await claim(db, now, [1, 2]) };
  },

  'what counts against a cap is calling, sent or unknown, or may have been taken before it is sent again': async (
    db,
    { now },
  ) => {
    await insertMessages(
      db,
      [1, 2, 3, 4, 7, 8].map((number) => message(now, number)),
    );
    await insertMessages(db, [message(now, 5, { caps: null }), message(now, 6, { personId: id(901) })]);
    await claim(db, now, [1, 2, 3, 5, 6, 7, 8]);
    await db.transaction(async (tx) => {
      await messageStore.endCalls(tx, 'vendor', [
        call(1, 1, accepted('v1'), { state: 'sent' }),
        call(2, 1, failure('refused'), { state: 'rejected', reason: 'refused' }),
        call(3, 1, failure('unknown_outcome'), { state: 'unknown', reason: 'unknown_outcome' }),
        call(7, 1, failure('unknown_outcome'), { state: 'retryable', retryInMs: 1_000, maybeSent: true }),
        call(8, 1, failure('temporary'), { state: 'retryable', retryInMs: 1_000 }),
      ]);
    });
    const taken = await db.transaction((tx) => messageStore.taken(tx, [id(900)]));
    return taken.map((one) => [one.messageId, one.runId, one.marketing]).sort();
  },

  'messages are given up and cancelled while they wait': async (db, { now }) => {
    await insertMessages(
      db,
      [1, 2, 3].map((number) => message(now, number)),
    );
    await claim(db, now, [3]);
    const given = await db.transaction((tx) => messageStore.giveUp(tx, [{ id: id(1), state: 'expired', reason: 'too_late' }]));
    const cancelled = await db.transaction((tx) =>
      callOffStore.ended(
        tx,
        [1, 2, 3].map((number) => over(number)),
      ),
    );
    return { given, cancelled };
  },

  'what is called off while its call is open is known to be so at its next claim': async (db, { now }) => {
    await insertMessages(
      db,
      [1, 2, 3].map((number) => message(now, number)),
    );
    await claim(db, now, [1, 2]);
    const ended = await db.transaction((tx) => callOffStore.ended(tx, [over(1)]));
    const restarted = await db.transaction((tx) => callOffStore.restarted(tx, [{ runId: id(2), lap: 2 }]));
    await db.transaction((tx) =>
      messageStore.endCalls(tx, 'vendor', [
        call(1, 1, failure('throttled'), { state: 'retryable', retryInMs: 0 }),
        call(2, 1, accepted('v2'), { state: 'sent' }),
      ]),
    );
    const locked = await db.transaction((tx) => messageStore.lockForClaim(tx, [1, 2, 3].map(id), null));
    const claimedMeanwhile = await overlapping(
      db,
      async (tx) => {
        await messageStore.lockForClaim(tx, [id(3)], null);
        await messageStore.startCalls(
          tx,
          [{ id: id(3), addressKey: key(7), record: { at: now }, price: null, country: 'IN' }],
          now,
        );
      },
      () => db.transaction((tx) => callOffStore.ended(tx, [over(3)])),
    );
    return { ended, restarted, locked, claimedMeanwhile };
  },

  'what nobody was woken for is offered again after half a minute': async (db, { now, age }) => {
    await insertMessages(db, [message(now, 1), message(now, 2, { provider: 'closed' }), message(now, 3, { provider: null })]);
    const early = await waitingStore.takeOffers(db, 10, ['vendor']);
    await age('message', 'offer_at', 31_000);
    const due = await waitingStore.takeOffers(db, 10, ['vendor']);
    return { early, due, again: await waitingStore.takeOffers(db, 10, ['vendor']) };
  },

  'a lease that is over makes a call unknown, or retryable where that is safe': async (db, { now, age }) => {
    await insertMessages(db, [message(now, 1), message(now, 2, { provider: 'safe' }), message(now, 3)]);
    await claim(db, now, [1, 2]);
    const expire = () => db.transaction((tx) => messageStore.expireLeases(tx, 10, ['safe']));
    const early = await expire();
    await age('message', 'lease_until', 31_000);
    return { early, over: await expire(), again: await expire(), next: await claim(db, now, [1, 2, 3]) };
  },

  'a message knows its template and hides what it says': async (db, { now }) => {
    const whatsApp = { template: 'failed_v1', language: 'en', body: ['order_1'] };
    await insertMessages(db, [
      message(now, 1, {
        content: whatsApp,
        guard: { keys: [], since: now, stops: {}, asks: { source: 'razorpay', order: 'order_1' } },
      }),
      message(now, 2, { content: { template: '64f0', variables: { url: 'u' } } }),
      message(now, 3),
      message(now, 4, { content: null, state: 'rejected', reason: 'no_provider' }),
    ]);
    return db.transaction(async (tx) => ({
      templates: [...(await receiptStore.templates(tx, [1, 2, 3, 4].map(id)))],
      candidates: await messageStore.candidates(tx, [1, 2].map(id)),
      locked: await messageStore.lockForClaim(tx, [1, 2, 3, 4].map(id), null),
    }));
  },

  'a receipt of a kind is one, and is matched by our id, the vendor’s, or the number': async (db, { now }) => {
    await insertMessages(
      db,
      [1, 2, 3].map((number) => message(now, number)),
    );
    await claim(db, now, [1, 2]);
    await db.transaction((tx) =>
      messageStore.endCalls(tx, 'vendor', [
        call(1, 1, accepted('v1'), { state: 'sent' }),
        call(2, 1, failure('unknown_outcome'), { state: 'unknown' }),
      ]),
    );
    return db.transaction(async (tx) => {
      const fresh = [...(await receiptStore.add(tx, [receipt(11, 1), receipt(12, 1), receipt(13, 1, { kind: 'read' })], now))];
      const locked = await receiptStore.lock(tx, [id(1), id(2), id(8)]);
      return {
        fresh,
        locked: locked.map((one) => ({ ...one, heard: [...one.heard].sort() })),
        byNumber: await receiptStore.onlyUnknown(tx, 'vendor', [key(7), key(8)]),
        addresses: [...(await receiptStore.addressKeys(tx, [id(1), id(3)]))],
        templates: [...(await receiptStore.templates(tx, [id(1)]))],
        set: await receiptStore.setStates(tx, [{ id: id(2), state: 'sent', reason: null }]),
      };
    });
  },

  'a number settles a message only when one can be meant': async (db, { now }) => {
    await insertMessages(
      db,
      [1, 2].map((number) => message(now, number)),
    );
    await claim(db, now, [1, 2]);
    const two = await db.transaction((tx) => receiptStore.onlyUnknown(tx, 'vendor', [key(7)]));
    await db.transaction((tx) => messageStore.endCalls(tx, 'vendor', [call(1, 1, accepted('v1'), { state: 'sent' })]));
    return { two, one: await db.transaction((tx) => receiptStore.onlyUnknown(tx, 'vendor', [key(7)])) };
  },

  'a receipt that beat our own commit is taken up once it is there': async (db, { now }) => {
    await insertMessages(db, [message(now, 1)]);
    await claim(db, now, [1]);
    await db.transaction((tx) =>
      receiptStore.add(
        tx,
        [receipt(11, null, { vendorId: 'v1', ...FAILED_ON_THE_WAY }), receipt(12, null, { vendorId: 'v9' })],
        now,
      ),
    );
    const line = async (last: ParkedPlace) => receiptStore.parked(db, last, 1);
    const [first] = await line(FIRST_PARKED);
    const [second] = await line(first as ParkedPlace);
    const inLine = [first?.id, second?.id, await line(second as ParkedPlace)];
    const take = () => db.transaction((tx) => receiptStore.takeParked(tx, [id(11), id(12)]));
    const early = await take();
    await db.transaction((tx) => messageStore.endCalls(tx, 'vendor', [call(1, 1, accepted('v1'), { state: 'sent' })]));
    return { inLine, early, then: await take(), again: await take() };
  },

  'what was told while a call was open is taken up by its number once nobody knows what became of the call': async (
    db,
    { now },
  ) => {
    await insertMessages(
      db,
      [1, 2].map((number) => message(now, number)),
    );
    await claim(db, now, [1, 2]);
    await db.transaction((tx) =>
      receiptStore.add(
        tx,
        [
          receipt(11, null, { kind: 'failed', vendorId: 'v8', addressKey: key(7) }),
          receipt(12, null, { kind: 'delivered', vendorId: 'v9', addressKey: key(7) }),
          receipt(13, null, { kind: 'failed', vendorId: 'v8', addressKey: key(8) }),
          receipt(14, null, { kind: 'delivered', addressKey: key(7) }),
          receipt(15, null, { kind: 'delivered', vendorId: 'v2', addressKey: key(7) }),
        ],
        (now + 1) as Instant,
      ),
    );
    const take = () =>
      db.transaction(async (tx) =>
        (await receiptStore.takeParkedByNumber(tx, [11, 12, 13, 14, 15].map(id))).sort((a, b) => (a.id < b.id ? -1 : 1)),
      );
    const end = (number: number) =>
      db.transaction((tx) =>
        messageStore.endCalls(tx, 'vendor', [call(number, 1, failure('unknown_outcome'), { state: 'unknown', reason: 'unknown_outcome' })]),
      ); // prettier-ignore
    const two = await take();
    await db.transaction((tx) => messageStore.endCalls(tx, 'vendor', [call(2, 1, accepted('v2'), { state: 'sent' })]));
    const open = await take();
    await end(1);
    return { two, open, then: await take(), again: await take() };
  },

  'failures are counted by address and code, within their time': async (db, { now }) => {
    await insertMessages(db, [message(now, 1), message(now, 2), message(now, 3)]);
    const failure = (number: number, of: number | null, more: Partial<MatchedReceipt> = {}) =>
      receipt(number, of, { kind: 'failed', code: '2', addressKey: key(7), ...more });
    await db.transaction((tx) =>
      receiptStore.add(
        tx,
        [
          failure(11, 1),
          failure(12, 2),
          failure(13, 3, { code: '16' }),
          failure(14, null),
          receipt(15, 3, { addressKey: key(7) }),
        ],
        now,
      ),
    );
    const count = (withinMs: number, code = '2', of = 7) =>
      db.transaction(async (tx) => [...(await receiptStore.failuresOf(tx, [{ key: key(of), code, withinMs }]))]);
    return {
      two: await count(60_000),
      other: await count(60_000, '16'),
      none: await count(0),
      nobody: await count(60_000, '2', 8),
    };
  },

  'a pause stands once enough has been struck, and until it is lifted': async (db) => {
    const pause = {
      provider: 'vendor',
      subject: '',
      marketingOnly: false,
      isHold: false,
      reason: 'refused',
      code: 'X',
    };
    const standing = async () =>
      (await pauseStore.standing(db)).map(({ scope, subject, isHold, code, until }) => [
        scope,
        subject,
        isHold,
        code,
        until !== null,
      ]);
    await pauseStore.strike(db, [{ ...pause, scope: 'template', subject: 't', needed: 3 }]);
    await pauseStore.strike(db, [{ ...pause, scope: 'template', subject: 't', needed: 3 }]);
    const two = await standing();
    await pauseStore.strike(db, [{ ...pause, scope: 'template', subject: 't', needed: 3, code: 'Y' }]);
    await pauseStore.strike(db, [{ ...pause, scope: 'provider', isHold: true, needed: 1, lastsMs: 60_000 }]);
    const three = await standing();
    await pauseStore.strike(db, [{ ...pause, scope: 'provider', reason: 'operator', needed: 1 }]);
    await pauseStore.strike(db, [{ ...pause, scope: 'provider', reason: 'bad_credentials', needed: 1 }]);
    const byOperator = (await pauseStore.standing(db)).map(({ reason }) => reason);
    await pauseStore.strike(db, [{ ...pause, scope: 'provider', marketingOnly: true, reason: 'bad_credentials', needed: 1 }]);
    const mended = [await pauseStore.mend(db, 'vendor'), await standing()];
    const lifted = [await pauseStore.lift(db, 'vendor', 'template', 't'), await pauseStore.lift(db, 'vendor', null, null)];
    return { two, three, byOperator, mended, lifted, after: await standing() };
  },

  'a breaker is opened once, probed by one, and closed once': async (db, { age }) => {
    const standing = async () =>
      (await breakerStore.standing(db)).map(({ provider, failedProbes, code }) => [provider, failedProbes, code]);
    const opened = [await breakerStore.open(db, 'vendor', 60_000, 'X'), await breakerStore.open(db, 'vendor', 1, 'Y')];
    const early = await breakerStore.takeProbe(db, 'vendor', 60_000);
    await age('provider_breaker', 'probe_at', 61_000);
    const due = [await breakerStore.takeProbe(db, 'vendor', 60_000), await breakerStore.takeProbe(db, 'vendor', 60_000)];
    await breakerStore.probeFailed(db, 'vendor', 60_000, 'Z');
    const failed = await standing();
    const closed = [await breakerStore.close(db, 'vendor'), await breakerStore.close(db, 'vendor')];
    return { opened, early, due, failed, closed, after: await standing() };
  },

  'a message goes to another provider unless one may have taken it': async (db, { now }) => {
    await insertMessages(
      db,
      [1, 2, 3, 4].map((number) => message(now, number)),
    );
    await claim(db, now, [1, 2, 3]);
    await db.transaction((tx) =>
      messageStore.endCalls(tx, 'vendor', [
        call(1, 1, failure('refused'), { state: 'retryable', retryInMs: 0, moveTo: 'other' }),
        call(2, 1, failure('unknown_outcome'), { state: 'retryable', retryInMs: 0, maybeSent: true }),
      ]),
    );
    const back = await waitingStore.moveWaiting(db, 'other', 'vendor', 10);
    const moved = await waitingStore.moveWaiting(db, 'vendor', 'other', 10);
    await waitingStore.letGo(db, 'other', [id(4), id(2)]);
    await db.transaction((tx) => waitingStore.move(tx, [{ id: id(4), to: 'third' }]));
    const lanes = await db.transaction(async (tx) => [
      (await messageStore.lockForClaim(tx, [1, 2, 3, 4].map(id), 'vendor')).map((one) => [one.id, one.maybeSent, one.tried]),
      (await messageStore.lockForClaim(tx, [1, 2, 3, 4].map(id), 'other')).map((one) => [one.id, one.maybeSent, one.tried]),
      (await messageStore.lockForClaim(tx, [1, 2, 3, 4].map(id), 'third')).map((one) => [one.id, one.maybeSent, one.tried]),
    ]);
    const given = await db.transaction((tx) => messageStore.giveUp(tx, [{ id: id(2), state: 'expired', reason: 'too_late' }]));
    return { back, moved, lanes, given: given.map(({ state }) => state) };
  },

  'a report of failure opens a message once more, and its failures are told apart': async (db, { now }) => {
    await insertMessages(db, [message(now, 1), message(now, 2), message(now, 3), message(now, 4)]);
    // The fourth is still being called: a report may beat the answer.
    await claim(db, now, [1, 2, 4]);
    await db.transaction((tx) =>
      messageStore.endCalls(tx, 'vendor', [
        call(1, 1, accepted('v1'), { state: 'sent' }),
        call(2, 1, accepted('v2'), { state: 'sent' }),
      ]),
    );
    const failedWith = (number: number, attempt: number) => receipt(number, 1, { kind: 'failed', code: '2', attempt });
    const heard = () =>
      db.transaction(async (tx) => (await receiptStore.lock(tx, [id(1)])).map((one) => [one.state, one.reopened, one.heard]));
    const first = await db.transaction(async (tx) => [...(await receiptStore.add(tx, [failedWith(11, 0), receipt(12, 1)], now))]);
    await db.transaction((tx) => callOffStore.ended(tx, [over(2, 'order_cancelled')]));
    const asked = await db.transaction((tx) => furtherAttemptStore.reopenable(tx, [1, 2, 3, 4].map(id)));
    asked.sort((one, other) => (one.id < other.id ? -1 : 1));
    const after = { state: 'retryable', reason: 'refused', retryInMs: 0, moveTo: 'other', onceMore: true } as const;
    const reopened = await db.transaction((tx) => furtherAttemptStore.reopen(tx, [{ id: id(1), after }]));
    const goesOn = await heard();
    const locked = await db.transaction((tx) => messageStore.lockForClaim(tx, [id(1)], 'other'));
    await claim(db, now, [1]);
    const second = await db.transaction(async (tx) => [
      ...(await receiptStore.add(tx, [failedWith(13, 0), failedWith(14, 1), failedWith(15, 1)], now)),
    ]);
    const calls = await db.transaction((tx) => receiptStore.byVendorId(tx, 'vendor', ['v1', 'v2']));
    return { first, asked, reopened, goesOn, locked, second, over: await heard(), calls };
  },

  'an attempt that another one follows stays paid for, and is the last one again when it arrived after all': async (
    db,
    { now },
  ) => {
    const ZONE = 'Asia/Kolkata';
    const start = (price: { milli: number; currency: string }) =>
      db.transaction((tx) =>
        messageStore.startCalls(tx, [1, 2].map((one) => ({ id: id(one), addressKey: key(7), record: { at: now }, price, country: null })), now),
      ); // prettier-ignore
    const count = async () =>
      db.transaction(async (tx) => {
        await spendStore.recount(tx, ZONE, ['all'], true);
        const [all] = await spendStore.lock(tx, ZONE, ['all']);
        return all?.milli;
      });
    const stand = async () =>
      db.transaction(async (tx) => {
        const heard = await receiptStore.lock(tx, [id(1), id(2)]);
        return heard.map((one) => [one.state, one.reopened, one.isUntaken, one.earlier]);
      });
    const reopen = (moveTo?: string) =>
      db.transaction((tx) =>
        furtherAttemptStore.reopen(tx, [1, 2].map((one) => ({ id: id(one), after: { state: 'retryable', reason: 'refused', ...(moveTo ? { moveTo } : {}) } as const }))),
      ); // prettier-ignore
    await db.transaction((tx) => spendStore.set(tx, { scope: 'all', amount: 1_000, currency: 'INR', actor: 'k' }));
    await insertMessages(db, [message(now, 1, { channel: 'sms' }), message(now, 2)]);
    await start({ milli: 20_000, currency: 'INR' });
    const first = [await count(), await stand()];
    await reopen('other');
    const waits = [await count(), await stand()];
    await start({ milli: 30_000, currency: 'INR' });
    const second = [await count(), await stand()];
    await reopen();
    const again = [await count(), await stand()];
    await db.transaction((tx) => furtherAttemptStore.takeBack(tx, [id(1), id(2)]));
    const arrived = [await count(), await stand()];
    const back = await db.transaction((tx) => furtherAttemptStore.reopenable(tx, [id(1), id(2)]));
    await reopen('third');
    await db.transaction((tx) => furtherAttemptStore.takeBack(tx, [id(1)]));
    const lanes = await db.transaction(async (tx) =>
      (await messageStore.lockForClaim(tx, [id(1), id(2)], null)).map(({ tried }) => tried),
    );
    return { first, waits, second, again, arrived, back: back.length, lanes, left: [await count(), await stand()] };
  },

  'what arrived while a further attempt was being called stands again when that one came to nothing': async (db, { now }) => {
    const start = (price: number) =>
      db.transaction((tx) =>
        messageStore.startCalls(
          tx,
          [1, 2].map((one) => ({
            id: id(one),
            addressKey: key(one),
            record: { at: now },
            price: { milli: price, currency: 'INR' },
            country: null,
          })),
          now,
        ),
      );
    const stand = () =>
      db.transaction(async (tx) => {
        const heard = await receiptStore.lock(tx, [id(1), id(2)]);
        return heard.map((one) => [one.provider, one.state, one.reopened, one.isUntaken]);
      });
    const overtaken = (fence: number) =>
      db.transaction((tx) => furtherAttemptStore.overtaken(tx, [2, 1].map((one) => ({ messageId: id(one), fence })))); // prettier-ignore
    const after = { state: 'retryable', reason: 'refused', moveTo: 'other' } as const;
    await insertMessages(db, [message(now, 1, { channel: 'sms' }), message(now, 2, { channel: 'sms' })]);
    await start(20_000);
    await db.transaction((tx) => furtherAttemptStore.reopen(tx, [1, 2].map((one) => ({ id: id(one), after })))); // prettier-ignore
    await start(30_000);
    const open = [await stand(), await overtaken(2)];
    await db.transaction(async (tx) => {
      await receiptStore.add(tx, [receipt(11, 1, { attempt: 0 }), receipt(12, 2, { attempt: 1, provider: 'other' })], now);
      await receiptStore.setStates(tx, [1, 2].map((one) => ({ id: id(one), state: 'sent', reason: null }))); // prettier-ignore
    });
    const found = [await overtaken(1), await overtaken(2)];
    await db.transaction((tx) => furtherAttemptStore.takeBack(tx, [id(1)]));
    const refusedAtOnce = call(2, 2, failure('refused'), { state: 'rejected', reason: 'refused' });
    await db.transaction((tx) => receiptStore.setStates(tx, [{ id: id(2), state: 'calling', reason: null }]));
    await db.transaction((tx) => messageStore.endCalls(tx, 'other', [refusedAtOnce]));
    return { open, found, after: await stand() };
  },

  'an attempt long before an open call may be the one that arrived, and pays for itself then': async (db, { now }) => {
    const price = { milli: 115_000, currency: 'INR' };
    const start = () =>
      db.transaction((tx) =>
        messageStore.startCalls(tx, [{ id: id(1), addressKey: key(1), record: { at: now }, price, country: null }], now),
      );
    const after = { state: 'retryable', reason: 'refused' } as const;
    const counted = async () => {
      const count = async () => (await db.transaction((tx) => spendStore.lock(tx, 'Asia/Kolkata', ['all'])))[0]?.milli;
      const settled = await count();
      await db.transaction((tx) => spendStore.recount(tx, 'Asia/Kolkata', ['all'], true));
      return [settled, await count()];
    };
    const arrived = { messageId: id(1), attempt: 0, provider: 'vendor' };
    const overtaken = () => db.transaction((tx) => furtherAttemptStore.overtaken(tx, [{ messageId: id(1), fence: 3 }]));
    await db.transaction((tx) => spendStore.set(tx, { scope: 'all', amount: 1_000, currency: 'INR', actor: 'k' }));
    await insertMessages(db, [message(now, 1, { channel: 'whatsapp' })]);
    for (let failed = 0; failed < 2; failed += 1) {
      await start();
      await db.transaction((tx) => furtherAttemptStore.reopen(tx, [{ id: id(1), after }]));
    }
    await start();
    await db.transaction((tx) => receiptStore.setStates(tx, [{ id: id(1), state: 'sent', reason: null }]));
    const before = [await overtaken(), await counted()];
    await db.transaction(async (tx) => {
      await receiptStore.add(tx, [receipt(11, 1, { attempt: 0 })], now);
      for (let told = 0; told < 2; told += 1) spendStore.settle(tx, 'Asia/Kolkata', [], [arrived]);
    });
    return { before, after: [await overtaken(), await counted()] };
  },

  'a call that was refused and arrived all the same is an attempt of its own, and what followed it is another': async (
    db,
    { now },
  ) => {
    const start = (number: number, milli: number) =>
      db.transaction((tx) =>
        messageStore.startCalls(tx, [{ id: id(number), addressKey: key(number), record: { at: (now + milli) as Instant }, price: { milli, currency: 'INR' }, country: null }], now),
      ); // prettier-ignore
    const refuse = (number: number, fence: number, provider: string, moveTo: string) =>
      db.transaction((tx) =>
        messageStore.endCalls(tx, provider, [call(number, fence, failure('refused'), { state: 'retryable', reason: 'refused', moveTo })]),
      ); // prettier-ignore
    const stand = () =>
      db.transaction(async (tx) => {
        const heard = await receiptStore.lock(tx, [id(1), id(2), id(3)]);
        heard.sort((one, other) => (one.id < other.id ? -1 : 1));
        return heard.map((one) => [one.provider, one.state, one.reopened, one.isUntaken, one.earlier, one.heard.length]);
      });
    const taken = (number: number, fence: number, provider: string) =>
      db.transaction((tx) => furtherAttemptStore.takenAfterAll(tx, { messageId: id(number), fence, provider }));
    await insertMessages(db, [1, 2, 3].map((one) => message(now, one, { channel: 'sms' }))); // prettier-ignore
    // The first was refused by two and taken by the third; the second waits for another provider; the third was taken at once.
    await start(1, 1_000);
    await refuse(1, 1, 'vendor', 'other');
    await start(1, 2_000);
    await refuse(1, 2, 'other', 'third');
    await start(1, 3_000);
    await db.transaction((tx) => messageStore.endCalls(tx, 'third', [call(1, 3, accepted('v3'), { state: 'sent' })]));
    await start(2, 1_000);
    await refuse(2, 1, 'vendor', 'other');
    await start(3, 1_000);
    await db.transaction((tx) => messageStore.endCalls(tx, 'vendor', [call(3, 1, accepted('v1'), { state: 'sent' })]));
    await db.transaction((tx) =>
      receiptStore.add(tx, [receipt(11, 1, { attempt: 0, provider: 'third' }), receipt(12, 1, { attempt: 0, kind: 'clicked', provider: 'link' })], now),
    ); // prettier-ignore
    const first = [
      [await taken(1, 2, 'other'), await stand()],
      [await taken(1, 2, 'other'), await taken(1, 1, 'vendor'), await stand()],
      [await taken(2, 1, 'vendor'), await taken(3, 1, 'vendor'), await taken(1, 3, 'third'), await stand()],
    ];
    // What each of them had told is about its own attempt, and may be told again of another one.
    const told = await db.transaction(async (tx) => [
      ...(await receiptStore.add(tx, [receipt(13, 1, { attempt: 2, provider: 'third' }), receipt(14, 1, { attempt: 1, provider: 'other' }), receipt(15, 1, { attempt: 0 }), receipt(16, 1, { attempt: 0, kind: 'clicked' })], now)),
    ]); // prettier-ignore
    await db.transaction((tx) => furtherAttemptStore.takeBack(tx, [id(2)]));
    const back = await db.transaction((tx) => messageStore.lockForClaim(tx, [id(2)], 'vendor'));
    return { first, told: told.sort(), back: back.map(({ tried }) => tried), after: await stand() };
  },

  'a message in another wording is another template, and goes on from there': async (db, { now }) => {
    const worded = (template: string, language: string) => ({ template, language, body: ['order_1'] });
    const others = [worded('plain', 'en'), worded('failed_v1', 'hi')];
    await insertMessages(db, [message(now, 1, { content: worded('failed_v1', 'en'), others }), message(now, 2)]);
    const turn = async () =>
      db.transaction(async (tx) => ({
        locked: (await messageStore.lockForClaim(tx, [id(1), id(2)], null)).map((one) => [one.variant, one.content, one.others]),
        templates: [...(await receiptStore.templates(tx, [id(1), id(2)]))].sort(),
      }));
    const before = await turn();
    await claim(db, now, [1]);
    await db.transaction((tx) =>
      messageStore.endCalls(tx, 'vendor', [
        {
          ...call(1, 1, failure('bad_content'), { state: 'retryable', retryInMs: 0, otherwise: 'next' }),
          next: { variant: 2, content: worded('failed_v1', 'hi') },
        },
        { ...call(2, 1, failure('bad_content'), { state: 'retryable' }), next: { variant: 1, content: worded('x', 'en') } },
      ]),
    );
    return { before, after: await turn() };
  },

  'what is held for a rail is let go when all of its rails are up, the oldest first, so many at a time': async (db, { now }) => {
    await insertMessages(
      db,
      [1, 2, 3, 4].map((number) => message(now, number, { dueAt: minutes(now, -number) })),
    );
    const hold = (number: number, rails: readonly string[]) => ({
      id: id(number),
      reason: 'incident_of_bank',
      rails,
      record: { at: now, down: 'incident_of_bank', said: 'held:incident_of_bank' },
    });
    await db.transaction((tx) =>
      waitingStore.hold(tx, [hold(1, ['bank:hdfc']), hold(2, ['bank:hdfc', 'method:upi']), hold(3, ['bank:hdfc'])]),
    );
    const offered = async () => (await waitingStore.takeOffers(db, 10, ['vendor'])).map((one) => one.id).sort();
    const held = await offered();
    const none = await waitingStore.letGoHeld(db, ['bank:hdfc'], 10);
    const both = await passingOver(
      db,
      (tx) => waitingStore.letGoHeld(tx, ['method:upi'], 1),
      () => waitingStore.letGoHeld(db, ['method:upi'], 10),
    );
    const free = await offered();
    const claimed = await claim(db, now, [2]);
    return { held, none, both, free, claimed, rest: await waitingStore.letGoHeld(db, [], 10) };
  },

  'what a provider may have taken stays unknown when nothing more is sent, and keeps its place under the caps': async (
    db,
    { now },
  ) => {
    await insertMessages(
      db,
      [1, 2, 3].map((number) => message(now, number)),
    );
    await claim(db, now, [1, 2, 3]);
    const again = { state: 'retryable', retryInMs: 0, maybeSent: true } as const;
    await db.transaction((tx) =>
      messageStore.endCalls(
        tx,
        'vendor',
        [1, 2, 3].map((number) => call(number, 1, failure('unknown_outcome'), again)),
      ),
    );
    const changed = await db.transaction(async (tx) => [
      await messageStore.giveUp(tx, [{ id: id(1), state: 'skipped', reason: 'goal_reached' }]),
      await callOffStore.ended(tx, [over(2, 'order_cancelled')]),
      await callOffStore.restarted(tx, [{ runId: id(3), lap: 2 }]),
    ]);
    const taken = await db.transaction((tx) => messageStore.taken(tx, [id(900)]));
    return { states: changed.flat().map((one) => [one.id, one.state, one.reason]), taken: taken.length };
  },

  'what is too late or of an earlier lap waits no longer': async (db, { now }) => {
    await insertMessages(db, [message(now, 1, { notAfter: minutes(now, -1) }), message(now, 2), message(now, 3, { lap: 2 })]);
    const late = await db.transaction((tx) => waitingStore.expireLate(tx, 10));
    const earlier = await db.transaction((tx) =>
      callOffStore.restarted(tx, [
        { runId: id(2), lap: 2 },
        { runId: id(3), lap: 2 },
      ]),
    );
    return {
      late: late.map((one) => [one.id, one.state, one.reason]),
      earlier: earlier.map((one) => [one.id, one.state, one.reason]),
    };
  },

  'a run that reached its goal is found by its order': async (db, { now }) => {
    await insertRuns(db, [run(now, 1), run(now, 2)]);
    await db.transaction(async (tx) => {
      const [one] = await runStore.lock(tx, [id(1)]);
      runStore.save(tx, [ended(one as StoredRun, now, 'goal_reached')], now);
    });
    const found = await db.transaction((tx) => runStore.recoveredByKeys(tx, [key(1), key(2)]));
    return found.map((one) => [one.key, one.run.state.id, one.run.state.isOver]);
  },

  'packets are delivered in order, to one at a time, until they are removed': async (db, { age }) => {
    await db.transaction(async (tx) => {
      outbox.publish(tx, [
        { handler: 'a', event: 'e', items: [1, 2] },
        { handler: 'b', event: 'e', items: [{ deep: ['x'] }] },
        { handler: 'a', event: 'e', items: [3] },
      ]);
    });
    const items = (packets: readonly { items: readonly unknown[] }[]) => packets.map((packet) => packet.items);
    const both = await passingOver(
      db,
      async (tx) => items(await outbox.claim(tx, 'a', 1)),
      () => db.transaction(async (tx) => items(await outbox.claim(tx, 'a', 9))),
    );
    const waited = await outbox.waited(db, ['c', 'b', 'a']);
    const [first, second] = await db.transaction((tx) => outbox.claim(tx, 'a', 9));
    await outbox.split(db, first?.seq ?? '', [[1], [2]]);
    await outbox.retryLater(db, second?.seq ?? '', 'an error', 60_000, false);
    const afterSplit = await db.transaction(async (tx) => items(await outbox.claim(tx, 'a', 9)));
    await age('bus_outbox', 'not_before', 61_000);
    await outbox.retryLater(db, second?.seq ?? '', 'an error', 0, true);
    const [parked] = (await outbox.state(db)).filter(({ handler }) => handler === 'a');
    const one = await db.transaction(async (tx) => items(await outbox.claimOne(tx, second?.seq ?? '')));
    const none = await outbox.unpark(db, second?.seq ?? '', 9);
    const freed = [none, (await outbox.unpark(db, '0', 9)).count];
    const rest = await db.transaction(async (tx) => {
      const packets = await outbox.claim(tx, 'a', 9);
      outbox.remove(
        tx,
        packets.map(({ seq }) => seq),
      );
      return packets.map((packet) => [packet.items, packet.attempts]);
    });
    const counts = (await outbox.state(db)).map(({ handler, waiting, parked: left }) => [handler, waiting, left]);
    return { both, waited: [...waited].sort(), afterSplit, parked: [parked?.waiting, parked?.parked], one, freed, rest, counts };
  },

  'what calls cost is counted today, given back when nothing was taken, and kept when the outcome is unknown': async (
    db,
    { now },
  ) => {
    const ZONE = 'Asia/Kolkata';
    const scopes = ['all', 'channel:push'] as const;
    const price = { milli: 11_500, currency: 'INR' };
    const counts = () =>
      db.transaction((tx) => spendStore.lock(tx, ZONE, scopes)).then((rows) => rows.map(({ day: _day, ...one }) => one));
    const start = (numbers: readonly number[]) =>
      db.transaction(async (tx) => {
        const [first] = await spendStore.lock(tx, ZONE, scopes);
        const calls = numbers.map((number) => ({
          id: id(number),
          addressKey: key(7),
          record: { at: now },
          price,
          country: null,
        }));
        const sum = numbers.length * price.milli;
        const paid = first && { day: first.day, sums: new Map(scopes.map((scope) => [scope, sum])) };
        await messageStore.startCalls(tx, calls, now, paid);
      });
    const settle = (numbers: readonly number[], isPaidFor: boolean, fence?: number) =>
      db.transaction(async (tx) =>
        spendStore.settle(
          tx,
          ZONE,
          numbers.map((number) => ({ id: id(number), isPaidFor, ...(fence === undefined ? {} : { fence }) })),
        ),
      );
    const setCaps = (scope: (typeof scopes)[number], amount: number, currency = 'INR') =>
      db.transaction(async (tx) => {
        await spendStore.set(tx, { scope, amount, currency, actor: 'k' });
        await spendStore.recount(tx, ZONE, [scope], true);
      });
    await insertMessages(
      db,
      [1, 2, 3, 4].map((number) => message(now, number)),
    );
    const without = await counts();
    await start([1]);
    await setCaps('all', 1_000);
    await setCaps('channel:push', 20);
    const known = [await counts(), await spendStore.caps(db)];
    await start([2, 3]);
    const started = await counts();
    await settle([1, 2], false);
    await settle([1], false);
    const back = await counts();
    await settle([2], true);
    await settle([3], false, 7);
    const wrongFence = await counts();
    await settle([3], false, 1);
    const rightFence = await counts();
    await db.transaction(async (tx) => {
      const [first] = await spendStore.lock(tx, ZONE, ['all']);
      spendStore.heldBack(tx, first?.day ?? '', new Map([['all', 2]]));
    });
    const reached = await counts();
    await db.transaction((tx) => spendStore.recount(tx, ZONE, scopes, false));
    const recounted = await counts();
    await setCaps('all', 2_000, 'USD');
    const another = await counts();
    const removed = await db.transaction(async (tx) => [await spendStore.remove(tx, 'all'), await spendStore.remove(tx, 'all')]);
    return { without, known, started, back, wrongFence, rightFence, reached, recounted, another, removed, left: await counts() };
  },

  'of two claims the second one counts what the first one took': async (db, { now }) => {
    const take = (number: number) => async (tx: Transaction) => {
      const [count] = await spendStore.lock(tx, 'Asia/Kolkata', ['all']);
      const price = { milli: 600, currency: 'INR' };
      const call = { id: id(number), addressKey: key(7), record: { at: now }, price, country: null };
      await messageStore.startCalls(tx, [call], now, { day: count?.day ?? '', sums: new Map([['all', 600]]) });
      return count?.milli;
    };
    await insertMessages(
      db,
      [1, 2].map((number) => message(now, number)),
    );
    await db.transaction((tx) => spendStore.set(tx, { scope: 'all', amount: 1, currency: 'INR', actor: 'k' }));
    return overlapping(db, take(1), () => db.transaction(take(2)));
  },

  'a journey stands as whoever held its lock last has left it': async (db) => {
    const stand = async (tx: Transaction, standing: 'paused' | 'published'): Promise<void> => {
      await journeyStore.lock(tx, 'playbook');
      await journeyStore.setStanding(tx, 'playbook', standing);
    };
    await overlapping(
      db,
      (tx) => stand(tx, 'published'),
      () => db.transaction((tx) => stand(tx, 'paused')),
    );
    return [...(await journeyStore.standings(db))];
  },

  'what waits for its call may be asked about, and is left alone for as long as it is held back': async (db, { now, age }) => {
    await insertMessages(db, [
      message(now, 1, { guard: { keys: [], since: now, stops: {}, asks: { source: 'shop', order: 'o1' } } }),
      message(now, 2),
      message(now, 3, { test: true }),
      message(now, 4, { state: 'skipped', reason: 'x' }),
    ]);
    const asked = async () =>
      (await statusCheckStore.waiting(db, [1, 2, 3, 4].map(id))).map((one) => `${one.id} ${one.guard.asks?.order}`).sort();
    const before = await asked();
    await statusCheckStore.holdBack(db, [
      { id: id(2), waitMs: 30_000 },
      { id: id(4), waitMs: 30_000 },
    ]);
    const held = await asked();
    const early = await waitingStore.takeOffers(db, 10, ['vendor']);
    const claimed = await db.transaction(async (tx) => (await messageStore.candidates(tx, [id(2), id(4)])).length);
    await age('message', 'not_before', 31_000);
    await age('message', 'offer_at', 31_000);
    const offered = (await waitingStore.takeOffers(db, 10, ['vendor'])).map((one) => one.id).sort();
    return { before, held, early, claimed, then: await asked(), offered };
  },

  'the latest word of a gateway is kept for each order, and when a source was heard last': async (db) => {
    const word = (number: number, state: string) => ({ key: key(number), gateway: 'gateway', state });
    await overlapping(
      db,
      (tx) => paymentWordStore.keep(tx, [word(2, 'open'), word(1, 'open')]),
      () => paymentWordStore.keep(db, [word(1, 'paid'), word(1, 'paid'), word(3, 'open')]),
    );
    await sourcePulseStore.heard(db, 'shop');
    await sourcePulseStore.heard(db, 'shop');
    return {
      words: [...(await paymentWordStore.ofKeys(db, [key(1), key(2), key(9)]))].sort(),
      pulses: [...(await sourcePulseStore.pulses(db))],
    };
  },

  'journeys and templates of nobody are none': async (db) => [
    await journeyStore.all(db),
    [...(await journeyStore.standings(db))],
    await dltTemplateStore.all(db),
    await dltTemplateStore.addresses(db),
    await rateStore.all(db),
  ],
};
