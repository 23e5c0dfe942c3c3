import { randomUUID } from 'node:crypto';
import { type Transaction } from '@wapas/database';
import { type MessageSettled } from '../../src/channels/channels.api';
import { outcomeStore } from '../../src/analytics/store/outcome.store';
import { openSeals } from '../simulation/container';
import { type RealDatabase, startRealDatabase } from '../simulation/store/real-database';

let real: RealDatabase;
let message: MessageSettled;
beforeAll(async () => {
  real = await startRealDatabase(openSeals);
});
afterAll(() => real?.stop());

beforeEach(async () => {
  message = { messageId: randomUUID(), runId: randomUUID(), step: 'sms', channel: 'sms', provider: 'msg91', state: 'sent', reason: null, at: '2026-11-23T05:30:00Z' }; // prettier-ignore
  await real.database.pool.query(
    `insert into message (id, run_id, lap, step, journey_key, person_id, channel, provider, guard, test, state, due_at, not_after, created_at)
     values ($1, $2, 1, 'sms', 'j', gen_random_uuid(), 'sms', 'msg91', '{"keys":[],"since":0,"stops":{}}', false, 'sent', business_now(), business_now(), business_now())`,
    [message.messageId, message.runId],
  );
});

const toEnd: (() => void)[] = [];
afterEach(() => toEnd.splice(0).forEach((end) => end()));

/** A transaction that goes on when it is told to. */
function open() {
  let tx!: Transaction;
  let commit!: () => void;
  let ended!: Promise<void>;
  const isOpen = new Promise<void>((opened) => {
    ended = real.database.transaction(async (given) => {
      tx = given;
      opened();
      await new Promise<void>((resolve) => {
        commit = resolve;
        toEnd.push(resolve);
      });
    });
  });
  return {
    isOpen,
    hold: () => outcomeStore.holdTouches(tx, [message.messageId]),
    /** Makes what is known of the message again. */
    retell: async () => {
      await outcomeStore.forgetTouches(tx, [message.messageId]);
      await outcomeStore.touch(tx, [message]);
    },
    end: () => {
      commit();
      return ended;
    },
  };
}

/** Whether somebody else would have to wait. */
const isHeld = (): Promise<boolean> =>
  real.database
    .transaction((tx) => outcomeStore.holdTouches(tx, [message.messageId]), 'set local lock_timeout = 200')
    .then(
      () => false,
      () => true,
    );

test('whoever makes a message’s report again is alone with it, also when nothing is known of it yet', async () => {
  const one = open();
  await one.isOpen;
  await one.hold();
  expect(await isHeld()).toBe(true);
  await one.end();
  expect(await isHeld()).toBe(false);
});

test('and also when somebody has just made it anew: of two who waited the second goes on waiting', async () => {
  const [first, second] = [open(), open()];
  await Promise.all([first.isOpen, second.isOpen]);
  await first.hold();
  await first.retell();
  const waited = second.hold();
  await first.end();
  await waited;
  expect(await isHeld()).toBe(true);
  await second.retell();
  await second.end();
  expect(await isHeld()).toBe(false);
});
