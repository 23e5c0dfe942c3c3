import { hours, minutes } from '@wapas/kernel';
import { rebuildOutcomes } from '../../src/analytics/rebuild-outcomes';
import { ApplyRetention } from '../../src/apply-retention';
import { apiOf } from '../support/api';
import { introduce } from '../support/stories';
import { START, World } from '../support/world';

const DAY = hours(24);
const PEOPLE = 10;
const ROLL_UPS = ['entry_rollup', 'recovery_rollup', 'message_rollup', 'entry_daily', 'recovery_daily', 'message_daily'];
const journey = {
  format: 'wapas.journey/1',
  key: 'kept',
  name: 'Kept',
  trigger: { event: 'Attempt Failed' },
  correlateBy: ['order'],
  goal: { events: ['Attempt Paid'], by: ['order'] },
  window: '5d',
  holdoutPercent: 0,
  steps: [
    {
      key: 'push',
      after: '1m',
      maxDelay: '5m',
      channel: 'push',
      messages: [{ template: { title: 'Still there', body: 'Tap.' } }],
    },
  ],
};

let world: World;
let api: Awaited<ReturnType<typeof apiOf>>;
beforeAll(async () => {
  world = await World.start({ env: { WAPAS_LOG_DAYS: '400', WAPAS_REPORT_DAYS: '400' } });
  api = await apiOf(world);
  await world.publish(journey);
});
afterAll(() => world?.stop());

const people = Array.from({ length: PEOPLE }, (_, number) => ({
  id: `kept_${number}`,
  phone: `+9197${String(10_000_000 + number)}`,
  order: `kept_order_${number}`,
}));

async function say(event: string, round: string, some = people): Promise<void> {
  for (const { id, order } of some) {
    const amount = { value: 100_000, currency: 'INR' };
    const body = { event, person: { customerId: id }, keys: { order: `${order}${round}` }, amount };
    expect((await api('POST', '/v1/events', body)).status).toBe(202);
  }
  await world.settled();
}

/** What reports are read from, with everything in it that is to be counted again. */
async function counted(): Promise<Record<string, string[]>> {
  await api('GET', '/v1/analytics/costs?from=2026-11');
  const rows = await Promise.all(
    ROLL_UPS.map(async (table) => {
      const found = await world.sql<{ row: string }>(`select to_jsonb(t)::text as row from ${table} t`);
      return [table, found.map(({ row }) => row).sort()] as const;
    }),
  );
  return Object.fromEntries(rows);
}

async function behind(): Promise<Record<string, number> | undefined> {
  const [row] = await world.sql<Record<string, number>>(
    `select (select count(*) from outcome)::int as outcomes, (select count(*) from touch)::int as touches, (select count(*) from earlier_touch)::int as earlier`,
  );
  return row;
}

const report = async (from: number, to: number) =>
  (
    await api(
      'GET',
      `/v1/analytics/journeys/kept?from=${new Date(START + from).toISOString()}&to=${new Date(START + to).toISOString()}`,
    )
  ).body as unknown as {
    treated: { entered: number; recovered: number; messages: { lists: { sent: string } }; runs: { entered: string } };
  };

async function letGo(): Promise<void> {
  while ((await world.app.get(ApplyRetention).pass()).done > 0);
}

test('what stands behind figures goes in its time, and the figures stay: also when everything is counted again, or made again', async () => {
  await introduce(world, people);
  await say('Attempt Failed', '');
  await world.moveTo(minutes(1));
  await say('Attempt Paid', '', people.slice(0, 4));
  await world.sql(
    `insert into earlier_touch (message_id, fence, run_id, step, channel, provider, at) select message_id, 1, run_id, step, channel, 'fcm', at from touch limit 1`,
  );
  // Within the window of the first time: they count once.
  await world.moveTo(2 * DAY);
  await say('Attempt Failed', 'b');
  await world.moveTo(2 * DAY + minutes(1));
  await world.moveTo(390 * DAY);
  await say('Attempt Failed', 'c', people.slice(0, 3));
  await world.moveTo(390 * DAY + minutes(1));

  const rows = await counted();
  const [first, all] = [await report(0, DAY), await report(0, 391 * DAY)];
  expect([first.treated, all.treated]).toMatchObject([{ entered: PEOPLE, recovered: 4 }, { entered: 2 * PEOPLE + 3 }]);
  expect(rows.entry_rollup?.some((row) => row.includes('"counts": false'))).toBe(true);
  expect(await behind()).toEqual({ outcomes: 23, touches: 23, earlier: 1 });
  await letGo();
  expect(await behind()).toEqual({ outcomes: 23, touches: 23, earlier: 1 });

  await world.moveTo(401 * DAY);
  await letGo();
  expect(await behind()).toEqual({ outcomes: 13, touches: 13, earlier: 0 });
  const same = async (): Promise<void> => {
    expect([await report(0, DAY), await report(0, 391 * DAY)]).toEqual([first, all]);
    expect(await counted()).toEqual(rows);
  };
  await same();
  expect((await api('GET', first.treated.runs.entered)).body).toEqual({ runs: [], nextCursor: null });
  expect((await api('GET', first.treated.messages.lists.sent)).body).toEqual({ messages: [], nextCursor: null });
  expect(await rebuildOutcomes(world.database)).toEqual({ runs: 13, unreadable: 0 });
  await same();
  // As an upgrade does that changes how something is counted.
  await world.sql(`insert into outcome_stale (journey_key, slot) select distinct journey_key, slot from entry_rollup`);
  await same();
  expect(await world.sql('select from outcome_stale')).toEqual([]);

  await world.moveTo(1_000 * DAY);
  await letGo();
  expect(await behind()).toEqual({ outcomes: 0, touches: 0, earlier: 0 });
  expect(await rebuildOutcomes(world.database)).toEqual({ runs: 0, unreadable: 0 });
  await same();
});

test('who enters now is counted as before', async () => {
  await say('Attempt Failed', 'd', people.slice(0, 2));
  expect((await report(1_000 * DAY, 1_001 * DAY)).treated).toMatchObject({ entered: 2 });
  expect(await rebuildOutcomes(world.database)).toEqual({ runs: 2, unreadable: 0 });
  expect((await report(1_000 * DAY, 1_001 * DAY)).treated).toMatchObject({ entered: 2 });
});

test('who comes back while they are remembered counts once in an experiment, also when what they did first has been let go of', async () => {
  const at = (days: number): number => (1_100 + days) * DAY;
  const some = people.slice(5, 8);
  const comesBack = async (days: number, round: string): Promise<void> => {
    await world.moveTo(at(days));
    await say('Attempt Failed', round, some);
    await world.moveTo(at(days) + minutes(1));
  };
  /** How many count as people of the experiment, of those who entered then: by the report, and by the list behind it. */
  const compared = async (days: number): Promise<number[]> => {
    const range = `from=${new Date(START + at(days)).toISOString()}&to=${new Date(START + at(days) + DAY).toISOString()}`;
    const { body } = await api('GET', `/v1/analytics/journeys/kept/experiments?${range}`);
    const [experiment] = body.experiments as { treated: { entered: number } }[];
    const listed = (await api('GET', `/v1/runs?journey=kept&compared=true&${range}`)).body.runs as object[];
    return [experiment?.treated.entered ?? 0, listed.length];
  };
  const countAgain = async (): Promise<void> => {
    await letGo();
    await rebuildOutcomes(world.database);
    await world.sql(`insert into outcome_stale (journey_key, slot) select distinct journey_key, slot from entry_rollup`);
  };
  await comesBack(0, 'e');
  await comesBack(300, 'f');
  expect([await compared(0), await compared(300)]).toEqual([[3, 3], [0, 0]]); // prettier-ignore

  await world.moveTo(at(401));
  await countAgain();
  expect([await compared(0), await compared(300)]).toEqual([[3, 0], [0, 0]]); // prettier-ignore
  await comesBack(500, 'g');
  await world.moveTo(at(701));
  await countAgain();
  expect(await world.sql('select from entered_before')).toHaveLength(3);
  expect([await compared(0), await compared(300), await compared(500)]).toEqual([[3, 0], [0, 0], [0, 0]]); // prettier-ignore

  // Of whom no row stands any more nothing is remembered: whoever stays away for longer comes for the first time.
  await world.moveTo(at(901));
  await countAgain();
  expect(await world.sql('select from entered_before')).toEqual([]);
  await comesBack(902, 'h');
  expect(await compared(902)).toEqual([3, 3]);
});
