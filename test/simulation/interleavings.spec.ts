import { randomBytes } from 'node:crypto';
import { statement } from '@wapas/database';
import { EntityKeys, type EntityKey } from '@wapas/entity-keys';
import { type Instant, newId } from '@wapas/kernel';
import { accepted } from '@wapas/provider-kit';
import { ClaimMessages } from '../../src/channels/claim-messages';
import { RecordCalls } from '../../src/channels/record-calls';
import { type Guard } from '../../src/channels/rules/guard';
import { messageStore, type NewMessage } from '../../src/channels/store/message.store';
import { RecordConsents } from '../../src/profiles/record-consents';
import { addressStore } from '../../src/profiles/store/address.store';
import { personStore } from '../../src/profiles/store/person.store';
import { SuppressPeople } from '../../src/profiles/suppress-people';
import { openSeals } from './container';
import { type Actor, Interleaving, ordersOf } from './interleaving';
import { type RealDatabase, startRealDatabase } from './store/real-database';

/**
 * Two transactions of the product at a time, on a real Postgres, in every order of their points: a test connection lets one
 * statement after another go. What is blocked by the other's locks goes on when Postgres lets it.
 */

let real: RealDatabase;
let keys: EntityKeys;
let interleaving: Interleaving;

beforeAll(async () => {
  real = await startRealDatabase(openSeals);
  interleaving = new Interleaving(real.database);
  keys = new EntityKeys('the secret of the simulation');
});
afterAll(() => real.stop());

/** What one test is about: a message that waits for its call, and its customer. */
interface Matter {
  readonly order: string;
  readonly personId: string;
  readonly messages: readonly string[];
}

const PUSH = { name: 'vendor', channel: 'push', addressKind: 'push_token' } as const;
const CLAIM = ['claim_candidates', 'lock_keys', 'lock_messages_for_claim', 'marks_of_keys', 'start_calls', 'commit'];

const claimOf = ({ container }: Actor, ids: readonly string[]) => container.part(ClaimMessages).claim(PUSH, ids);

describe('a goal is stored while its message is claimed', () => {
  it('no send begins after the goal’s commit, in any of 84 orders', async () => {
    for (const order of ordersOf(3, 6)) {
      const matter = await newMatter();
      const goal = interleaving.actor(['lock_keys', 'insert_events', 'commit']);
      const claim = interleaving.actor(CLAIM);
      const [recorded, claimed] = await interleaving.play(order, goal, claim, [
        () =>
          goal.container.recordEvents.record({
            source: 'shop',
            sourceEventId: newId(),
            name: 'Payment Captured',
            test: false,
            content: { keys: { order: matter.order } },
          }),
        () => claimOf(claim, matter.messages),
      ]);
      expect(recorded).toMatchObject({ outcome: 'recorded' });
      const goalAt = goal.pool.committedAt[0] as number;
      const claimAt = claim.pool.committedAt[0] as number;
      expect([order, claimed.length]).toEqual([order, claimAt < goalAt ? 1 : 0]);
    }
  });
});

describe('a customer takes their consent back while a message to them is claimed', () => {
  it('no send begins after the withdrawal’s commit, in any of 56 orders', async () => {
    for (const order of ordersOf(3, 5)) {
      const matter = await newMatter();
      const withdrawal = interleaving.actor(['lock_keys', 'append_consents', 'commit']);
      const claim = interleaving.actor(['claim_candidates', 'lock_keys', 'reachable_addresses', 'start_calls', 'commit']);
      const said = { personId: matter.personId, purpose: 'all' as const, channel: 'push', state: 'withdrawn' as const };
      const [, claimed] = await interleaving.play(order, withdrawal, claim, [
        () =>
          withdrawal.container.database.transaction((tx) =>
            withdrawal.container.part(RecordConsents).append(tx, [{ ...said, at: Date.now() as Instant, source: 'test' }]),
          ),
        () => claimOf(claim, matter.messages),
      ]);
      const saidAt = withdrawal.pool.committedAt[0] as number;
      const claimAt = claim.pool.committedAt[0] as number;
      expect([order, claimed.length]).toEqual([order, claimAt < saidAt ? 1 : 0]);
    }
  });
});

describe('a number that a crowd shares is suppressed while a message to one of them is claimed', () => {
  it('no send begins once the suppression has answered, in any of 126 orders', async () => {
    const claimedIn: number[] = [];
    for (const order of ordersOf(5, 4)) {
      const matter = await newMatter();
      const subject = keys.keyOf('phone', matter.order);
      await shareWithCrowd(subject, matter.personId);
      const suppression = interleaving.actor(['lock_keys', 'add_suppressions', 'commit']);
      const claim = interleaving.actor(['claim_candidates', 'reachable_addresses', 'start_calls', 'commit']);
      const everything = { channel: null, purpose: null, expiresAt: null };
      const [[answered], claimed] = await interleaving.play(order, suppression, claim, [
        async () => {
          const suppress = suppression.container.part(SuppressPeople);
          await suppress.suppress([{ ...everything, subject, subjectKind: 'phone', reason: 'test', source: 'test' }]);
          return real.database.query<{ state: string }>(STATE, matter.messages);
        },
        () => claimOf(claim, matter.messages),
      ]);
      // What goes out was claimed before the answer; a claim that comes after it gives the message up.
      if (claimed.length > 0) expect([order, answered?.state]).toEqual([order, 'calling']);
      claimedIn.push(claimed.length);
    }
    expect([...new Set(claimedIn)].sort()).toEqual([0, 1]);
  });
});

describe('two containers claim at once', () => {
  const points = ['claim_candidates', 'lock_keys', 'lock_messages_for_claim', 'commit'];

  it('the same message goes to one of them, in any of 70 orders', async () => {
    for (const order of ordersOf(4, 4)) {
      const matter = await newMatter();
      const [one, other] = [interleaving.actor(points), interleaving.actor(points)];
      const claims = await interleaving.play(order, one, other, [
        () => claimOf(one, matter.messages),
        () => claimOf(other, matter.messages),
      ]);
      expect([order, claims.flat().length]).toEqual([order, 1]);
    }
  });

  it('two marketing messages of one person stay within their cap, in any of 70 orders', async () => {
    for (const order of ordersOf(4, 4)) {
      const matter = await newMatter({ messages: 2, marketing: true });
      const [one, other] = [interleaving.actor(points), interleaving.actor(points)];
      const claims = await interleaving.play(order, one, other, [
        () => claimOf(one, matter.messages.slice(0, 1)),
        () => claimOf(other, matter.messages.slice(1)),
      ]);
      expect([order, claims.flat().length]).toEqual([order, 1]);
    }
  });
});

describe('a call ends while its lease is taken away', () => {
  it('the message is settled once, by whoever came first, in any of 20 orders', async () => {
    for (const order of ordersOf(3, 3)) {
      const matter = await newMatter();
      const [id] = matter.messages as [string];
      const [claimed] = await real.database.transaction(async (tx) => {
        const locked = await messageStore.lockForClaim(tx, [id], null);
        await messageStore.startCalls(
          tx,
          [{ id, addressKey: keys.keyOf('phone', id), price: null, country: null, record: { at: Date.now() as Instant } }],
          Date.now() as Instant,
        );
        return locked;
      });
      await real.database.query(AGE_LEASE, [id]);
      const fence = (claimed?.fence ?? 0) + 1;
      const record = interleaving.actor(['add_attempts', 'end_calls', 'commit']);
      const sweep = interleaving.actor(['begin', 'expire_leases', 'commit']);
      const outcome = accepted('v');
      await interleaving.play(order, record, sweep, [
        () =>
          record.container.part(RecordCalls).record({
            provider: 'vendor',
            channel: 'push',
            call: {
              messageId: id,
              fence,
              startedAt: 0,
              endedAt: 1,
              parts: [{ addressKey: null, outcome }],
              outcome,
              after: { state: 'sent' },
            },
          }),
        () => sweep.container.database.transaction((tx) => messageStore.expireLeases(tx, 10, [])),
      ]);
      const [row] = await real.database.query<{ state: string; fence: number }>(STATE, [id]);
      const sweptFirst = (sweep.pool.committedAt[0] as number) < (record.pool.committedAt[0] as number);
      // A sweep passes over what is just being written: then the call's own word stands, whoever commits first.
      expect(sweptFirst ? ['sent', 'unknown'] : ['sent']).toContain(row?.state);
      expect(row?.fence).toBe(fence);
    }
  });
});

// How it is done.

const AGE_LEASE = statement('age_lease', `update message set lease_until = lease_until - interval '1 minute' where id = $1`);
const STATE = statement('state_of_message', `select state, fence from message where id = $1`);

async function newMatter({ messages = 1, marketing = false } = {}): Promise<Matter> {
  const [order, personId] = [`order_${randomBytes(6).toString('hex')}`, newId()];
  const now = Date.now() as Instant;
  const guard: Guard = {
    keys: [{ key: keys.keyOf('order', order), absorbing: true }],
    since: now,
    stops: { 'Payment Captured': 'goal_reached' },
  };
  const made = Array.from({ length: messages }, (): NewMessage => ({
    id: newId(),
    runId: newId(),
    lap: 1,
    step: 'push',
    journeyKey: 'playbook',
    personId,
    channel: 'push',
    provider: 'vendor',
    content: { title: 'a', body: 'b' },
    others: [],
    guard,
    test: false,
    state: 'planned',
    reason: null,
    dueAt: now,
    notAfter: (now + 3_600_000) as Instant,
    caps: { marketing, perRun: 3 },
    parts: null,
    locale: null,
  }));
  await real.database.transaction(async (tx) => {
    const token = keys.keyOf('push_token', personId);
    personStore.save(tx, { newPeople: [{ id: personId, unit: token }], newIdentifiers: [] });
    addressStore.sight(tx, [{ personId, kind: 'push_token', key: token, value: personId, platform: 'web', lastSeenAt: now }]);
    await messageStore.insert(tx, made);
  });
  return { order, personId, messages: made.map(({ id }) => id) };
}

/** The person and a hundred others are known by the same number. */
async function shareWithCrowd(phone: EntityKey, personId: string): Promise<void> {
  const others = Array.from({ length: 100 }, newId);
  await real.database.transaction((tx) => {
    personStore.save(tx, {
      newPeople: others.map((id) => ({ id, unit: phone })),
      newIdentifiers: [personId, ...others].map((id) => ({ key: phone, kind: 'phone', personId: id })),
    });
    return Promise.resolve();
  });
}
