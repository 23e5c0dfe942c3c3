import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse as parseYaml } from 'yaml';
import { hours, minutes } from '@wapas/kernel';
import { type ApiAnswer, apiOf, personOf } from '../support/api';
import { customer, failPayment, introduce, received } from '../support/stories';
import { START, until, World } from '../support/world';

const starter = parseYaml(readFileSync(join(__dirname, '../../src/journeys/starter/payment_failed.yaml'), 'utf8')) as {
  readonly trigger: { readonly where?: readonly object[] };
  readonly steps: readonly object[];
};
const period = {
  journey: 'payment_failed',
  from: new Date(START - hours(1)).toISOString(),
  to: new Date(START + hours(9)).toISOString(),
};
const asha = customer(640);
const bala = customer(641);
const stranger = customer(642);

let world: World;
let api: (method: string, path: string, body?: unknown) => Promise<ApiAnswer>;

beforeAll(async () => {
  world = await World.start();
  api = await apiOf(world);
});
afterAll(() => world?.stop());

async function over(ask: object): Promise<Record<string, unknown>> {
  const { status, body } = await api('POST', '/v1/replays', { ...period, ...ask });
  expect(status).toBe(202);
  let replay: Record<string, unknown> = {};
  await until(async () => {
    replay = (await api('GET', `/v1/replays/${body.id as string}`)).body;
    return replay.state === 'done' || replay.state === 'failed';
  }, 'the replay to be over');
  return replay;
}

test('a journey may ask what is known of the person, whoever said it: at entry, at each step, and when all is lived once more', async () => {
  await introduce(world, [asha, bala]);
  expect((await api('PATCH', `/v1/people/${await personOf(api, asha.id)}`, { language: 'hi' })).status).toBe(204);
  const definition = {
    ...starter,
    holdoutPercent: 0,
    trigger: { ...starter.trigger, where: [...(starter.trigger.where ?? []), { field: 'known.hasPush', is: true }] },
    // WhatsApp is for those who read Hindi.
    steps: starter.steps.map((step, n) => (n === 1 ? { ...step, when: [{ field: 'known.language', is: 'hi' }] } : step)),
  };
  await world.publish(definition);
  const versions = (await api('GET', '/v1/journeys/payment_failed/versions')).body.versions as { version: number }[];
  const version = Math.max(...versions.map((one) => one.version));
  // What fails names customer and phone, and says nothing of devices or languages.
  for (const one of [asha, bala, stranger]) await failPayment(world, one);
  await world.settled();
  await world.moveTo(minutes(1));
  await failPayment(world, asha, minutes(1));
  await world.settled();
  await world.moveTo(minutes(20));
  await world.moveTo(hours(8));
  expect(received(world, asha)).toEqual(expect.arrayContaining(['push', 'whatsapp']));
  expect(received(world, bala)).toContain('push');
  expect(received(world, bala)).not.toContain('whatsapp');
  expect(received(world, stranger)).toEqual([]);

  expect(await over({ kind: 'audit', version })).toMatchObject({
    state: 'done',
    result: { runs: 2, differences: 0, notReplayed: {} },
  });
  const whatIf = await over({ kind: 'whatif', version });
  expect(whatIf).toMatchObject({ state: 'done', result: { treated: 2, notEntered: { filter_not_met: 1 } } });
  const { steps } = whatIf.result as { steps: readonly { step: string }[] };
  expect(steps).toContainEqual(expect.objectContaining({ step: 'whatsapp', sent: 1, skipped: { not_for_these_facts: 1 } }));
});

describe('what somebody is called', () => {
  const nameOf = async (id: string) =>
    ((await api('GET', `/v1/people/${id}/export`)).body.person as { name: string | null }).name;
  async function sees(event: string, person: object): Promise<void> {
    expect((await api('POST', '/v1/events', { event, person })).status).toBe(202);
    await world.settled();
  }

  test('is learnt from a later event, and stays: neither another event nor one after a correction changes it', async () => {
    await sees('Cart Updated', { customerId: 'cust_named' });
    const id = await personOf(api, 'cust_named');
    expect(await nameOf(id)).toBeNull();
    await sees('Profile Updated', { customerId: 'cust_named', name: 'Meera Iyer' });
    expect(await nameOf(id)).toBe('Meera Iyer');
    await sees('Checkout Started', { customerId: 'cust_named', name: 'A Friend' });
    expect(await nameOf(id)).toBe('Meera Iyer');
    expect((await api('PATCH', `/v1/people/${id}`, { name: 'Meera Menon' })).status).toBe(204);
    await sees('Checkout Started', { customerId: 'cust_named', name: 'Meera Iyer' });
    expect(await nameOf(id)).toBe('Meera Menon');
  });

  test('is not learnt of whoever was erased', async () => {
    await sees('Cart Updated', { customerId: 'cust_gone' });
    const id = await personOf(api, 'cust_gone');
    expect((await api('POST', `/v1/people/${id}/erasure`)).status).toBe(202);
    await sees('Profile Updated', { customerId: 'cust_gone', name: 'Nobody' });
    expect(
      await world.sql(`select 1 as one from person where id = $1 and (name is not null or sealed_name is not null)`, [id]),
    ).toEqual([]);
  });
});
