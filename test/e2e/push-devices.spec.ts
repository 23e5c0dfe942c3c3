import { EntityKeys } from '@wapas/entity-keys';
import { minutes } from '@wapas/kernel';
import { apiOf } from '../support/api';
import { customer, failPayment, received, type Customer } from '../support/stories';
import { World } from '../support/world';

let world: World;
beforeAll(async () => {
  world = await World.start();
});
afterAll(() => world?.stop());

/** A customer with these devices whose payment failed, the push being due; the first of them who is not in the holdout. */
async function pushTo(from: number, tokensOf: (one: Customer) => string[]): Promise<{ one: Customer; attempts: object[] }> {
  for (let number = from; ; number++) {
    const one = customer(number);
    await world.moveTo(0);
    const response = await fetch(`${world.url}/v1/events`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${await world.key(['ingest'])}` },
      body: JSON.stringify({
        event: 'App Opened',
        person: {
          customerId: one.id,
          phone: one.phone,
          pushTokens: tokensOf(one).map((token) => ({ token, platform: 'android' })),
        },
      }),
    });
    expect(response.status).toBe(202);
    await failPayment(world, one);
    await world.settled();
    await world.moveTo(minutes(1));
    const attempts = await world.sql<{ part: number; outcome: string; state: string }>(
      `select a.part, a.outcome, m.state from attempt a join message m on m.id = a.message_id join person_address p on p.person_id = m.person_id
       where m.channel = 'push' and p.key = $1 and p.kind = 'phone' order by a.fence, a.part`,
      [world.app.get(EntityKeys).keyOf('phone', one.phone)],
    );
    if (attempts.length > 0) return { one, attempts };
  }
}

const digits = ({ phone }: Customer): string => phone.slice(1);
/** Which of these tokens may still be used. */
async function tokensThatWork(tokens: readonly string[]): Promise<string[]> {
  const keys = tokens.map((token) => world.app.get(EntityKeys).keyOf('push_token', token));
  const blocked = await world.sql<{ key: string }>('select key from address_block where key = any($1::uuid[])', [keys]);
  return tokens.filter((_token, index) => !blocked.some(({ key }) => key === keys[index]));
}

test('a push goes to every device of its customer: one message, a call for each', async () => {
  const { one, attempts } = await pushTo(1, (who) => [`phone-${digits(who)}`, `tablet-${digits(who)}`]);
  expect(attempts).toEqual([
    { part: 0, outcome: 'accepted', state: 'sent' },
    { part: 1, outcome: 'accepted', state: 'sent' },
  ]);
  expect(received(world, one)).toEqual(['push', 'push']);
});

test('one device is gone: the push counts as sent, and that token is not used again', async () => {
  const { one, attempts } = await pushTo(20, (who) => [`phone-${digits(who)}`, `dead-${digits(who)}`]);
  expect(attempts).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ outcome: 'accepted', state: 'sent' }),
      expect.objectContaining({ outcome: 'bad_address', state: 'sent' }),
    ]),
  );
  const tokens = [`phone-${digits(one)}`, `dead-${digits(one)}`];
  expect(await tokensThatWork(tokens)).toEqual([tokens[0]]);
});

test('a service account of another project is paused after ten refusals, before it gives up every token', async () => {
  const api = await apiOf(world);
  const aliens: string[] = [];
  const paused = async () => {
    const { body } = await api('GET', '/v1/providers');
    return (body.providers as { name: string; pauses: { code: string }[] }[]).find(({ name }) => name === 'fcm')?.pauses ?? [];
  };
  for (let number = 400; (await paused()).length === 0 && aliens.length < 30; number += 20) {
    await pushTo(number, (who) => [`alien-${digits(who)}`]);
    aliens.push(`alien-${digits(customer(number))}`);
  }
  expect(aliens).toHaveLength(10);
  expect(await paused()).toEqual([expect.objectContaining({ code: 'SENDER_ID_MISMATCH', scope: 'provider' })]);
  await api('POST', '/v1/providers/fcm/resume');
  expect(await paused()).toEqual([]);
});

test('a dead push token brings WhatsApp forward at once: to its earliest moment, not to its hour', async () => {
  const { one, attempts } = await pushTo(60, (who) => [`dead-${digits(who)}`]);
  expect(attempts).toEqual([{ part: 0, outcome: 'bad_address', state: 'rejected' }]);
  // The push was due at T+1 min and nothing else has happened since: the run already looks at T+5 instead of T+15.
  const [run] = await world.sql<{ minutes: number }>(
    `select (extract(epoch from r.due_at - r.started_at) / 60)::int as minutes from run r join person_address p on p.person_id = r.person_id
     where p.key = $1 and p.kind = 'phone'`,
    [world.app.get(EntityKeys).keyOf('phone', one.phone)],
  );
  expect(run?.minutes).toBe(5);
  await world.moveTo(minutes(5));
  expect(received(world, one)).toEqual(['whatsapp']);
});
