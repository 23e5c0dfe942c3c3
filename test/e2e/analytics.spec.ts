import { hours, minutes } from '@wapas/kernel';
import { rebuildOutcomes } from '../../src/analytics/rebuild-outcomes';
import { KeepTexts } from '../../src/channels/keep-texts';
import { apiOf } from '../support/api';
import { customer, failPayment, introduce, openPush, pay } from '../support/stories';
import { START, World } from '../support/world';

interface Arm {
  readonly entered: number;
  readonly eligible: number;
  readonly messaged: number;
  readonly recovered: number;
  readonly attributed: number;
  readonly recoveredUntouched: number;
  readonly recoveredByChannel: Record<string, number>;
  readonly messages: { sent: number; delivered: number; read: number };
  readonly revenue: { currency: string; amount: number }[];
  readonly cost: { costs: { amount: number; gst: number; units: number; assumed: number }[]; unpriced: number };
  readonly timeToRecoverySeconds: { median: number; within15m: number; within1h: number } | null;
  readonly firstMessageSeconds: { median: number } | null;
  readonly runs: Record<'entered' | 'eligible' | 'messaged' | 'recovered' | 'attributed' | 'untouched', string> & {
    recoveredByChannel: Record<string, string>;
  };
}

const PEOPLE = 40;
let world: World;
let key: string;

/** Forty payments fail; of every four one is paid at once, one opens the push and pays, one pays after the WhatsApp, one never. */
beforeAll(async () => {
  world = await World.start();
  key = await world.key(['read']);
  const people = Array.from({ length: PEOPLE }, (_, number) => customer(number + 1));
  await introduce(world, people);
  for (const one of people) await failPayment(world, one);
  await world.settled();
  const of = (kind: number) => people.filter((_, number) => number % 4 === kind);
  for (const one of of(0)) await pay(world, one, 30_000);
  await world.settled();
  await world.moveTo(minutes(1));
  await world.moveTo(minutes(10));
  const treated = await world.sql<{ value: string }>(
    `select a.value from run r join person_address a on a.person_id = r.person_id and a.kind = 'phone' where r.arm = 'treated' and r.ended_at is null`,
  );
  for (const one of of(1)) {
    if (treated.some(({ value }) => value === one.phone)) await openPush(world, one);
    await pay(world, one, minutes(10));
  }
  await world.settled();
  await world.moveTo(minutes(15));
  await world.moveTo(hours(1));
  for (const one of of(2)) await pay(world, one, hours(1));
  await world.settled();
  await world.moveTo(hours(25));
});
afterAll(() => world?.stop());

async function get<Body>(path: string): Promise<{ status: number; body: Body }> {
  const response = await fetch(`${world.url}${path}`, { headers: { authorization: `Bearer ${key}` } });
  const text = await response.text();
  // A cursor is made of any letters.
  expect(text).not.toMatch(/\b(NaN|Infinity)\b/);
  return { status: response.status, body: (text.startsWith('{') ? JSON.parse(text) : text) as Body };
}

const report = async () => (await get<{ treated: Arm; holdout: Arm; experiments: object[] }>('/v1/analytics/journeys/payment_failed')).body; // prettier-ignore

test('the report counts what happened, the arms apart', async () => {
  const { treated, holdout } = await report();
  expect(treated.entered + holdout.entered).toBe(PEOPLE);
  expect(treated.recovered + holdout.recovered).toBe((PEOPLE / 4) * 3);
  const expected = await world.sql<{ arm: string; recovered: number; early: number; pushed: number }>(
    `select arm, count(*) filter (where end_reason = 'goal_reached')::int as recovered, count(*) filter (where ended_at < started_at + interval '1 minute')::int as early,
            (select count(*) from message m join run o on o.id = m.run_id where m.state = 'sent' and o.arm = run.arm)::int as pushed from run group by arm order by arm desc`,
  );
  for (const { arm, recovered, early, pushed } of expected) {
    const found = arm === 'treated' ? treated : holdout;
    expect(found.recovered).toBe(recovered);
    expect(found.recoveredUntouched).toBe(arm === 'treated' ? early : recovered);
    expect(found.eligible).toBe(found.entered - early);
    expect(found.messages.sent).toBe(pushed);
    expect(found.revenue).toMatchObject([{ currency: 'INR', amount: recovered * 149_900 }]);
  }
  expect(holdout.messaged).toBe(0);
  expect(holdout.firstMessageSeconds).toBeNull();
  expect(treated.attributed).toBe(treated.recovered - treated.recoveredUntouched);
  expect(treated.firstMessageSeconds?.median).toBeGreaterThanOrEqual(60);
  expect(treated.firstMessageSeconds?.median).toBeLessThan(70);
  expect(treated.timeToRecoverySeconds).toMatchObject({
    within15m: treated.recoveredUntouched + (treated.recoveredByChannel.push ?? 0),
    within1h: treated.recoveredUntouched + (treated.recoveredByChannel.push ?? 0),
  });
});

test("WhatsApp's pricing sets the cost, GST apart; a push costs nothing", async () => {
  const { body } = await get<{ rows: (Arm & { part: string })[] }>(
    '/v1/analytics/journeys/payment_failed/series?breakdown=channel',
  );
  const of = (channel: string) => body.rows.find(({ part }) => part === channel);
  const whatsapp = of('whatsapp');
  const delivered = whatsapp?.messages.delivered ?? 0;
  expect(delivered).toBeGreaterThan(0);
  expect(whatsapp?.cost.costs).toMatchObject([
    {
      currency: 'INR',
      amount: Math.round(delivered * 11.5),
      gst: Math.round(delivered * 11.5 * 0.18),
      units: delivered,
      assumed: 0,
    },
  ]);
  expect(of('push')?.cost.costs[0]?.amount).toBe(0);
});

test('every number leads to the runs behind it, page after page', async () => {
  const { treated, holdout } = await report();
  for (const arm of [treated, holdout]) {
    const numbers = {
      entered: arm.entered,
      eligible: arm.eligible,
      messaged: arm.messaged,
      recovered: arm.recovered,
      attributed: arm.attributed,
      untouched: arm.recoveredUntouched,
    };
    for (const [name, count] of Object.entries(numbers)) {
      const ids = new Set<string>();
      for (let cursor: string | null = ''; cursor !== null;) {
        const url: string = `${arm.runs[name as keyof typeof numbers]}&limit=3${cursor ? `&cursor=${cursor}` : ''}`;
        const { body } = await get<{ runs: { id: string }[]; nextCursor: string | null }>(url);
        body.runs.forEach(({ id }) => ids.add(id));
        cursor = body.nextCursor;
      }
      expect([name, ids.size]).toEqual([name, count]);
    }
    expect(Object.keys(arm.runs.recoveredByChannel)).toEqual(Object.keys(arm.recoveredByChannel));
    for (const [channel, link] of Object.entries(arm.runs.recoveredByChannel))
      expect([channel, await listed(link)]).toEqual([channel, arm.recoveredByChannel[channel]]);
  }
});

/** How many runs a link lists, all its pages together. */
async function listed(link: string): Promise<number> {
  const ids = new Set<string>();
  for (let cursor: string | null = ''; cursor !== null;) {
    const url: string = `${link}${cursor ? `&cursor=${cursor}` : ''}`;
    const { status, body } = await get<{ runs: { id: string }[]; nextCursor: string | null }>(url);
    expect(status).toBe(200);
    body.runs.forEach(({ id }) => ids.add(id));
    cursor = body.nextCursor;
  }
  return ids.size;
}

test.each(['none', 'version', 'variant', 'reason', 'channel'])(
  'told apart by %s, every number leads to its runs as well',
  async (breakdown) => {
    const url = `/v1/analytics/journeys/payment_failed/series?grain=day&breakdown=${breakdown}`;
    type Links = Record<string, string | null> & { recoveredByChannel: Record<string, string> };
    const { rows } = (await get<{ rows: (Omit<Arm, 'runs'> & { part: string; arm: string; runs: Links })[] }>(url)).body;
    expect(rows.length).toBeGreaterThan(1);
    for (const row of rows) {
      const { runs, part, arm } = row;
      const counts: Record<string, number> = {
        recovered: row.recovered,
        attributed: row.attributed,
        ...(breakdown === 'channel'
          ? { messaged: row.messaged, delivered: row.messages.delivered, read: row.messages.read }
          : { entered: row.entered, eligible: row.eligible, messaged: row.messaged, untouched: row.recoveredUntouched }),
      };
      for (const [name, count] of Object.entries(counts))
        expect([part, arm, name, await listed(runs[name] ?? '')]).toEqual([part, arm, name, count]);
      for (const [channel, link] of Object.entries(runs.recoveredByChannel))
        expect([part, arm, channel, await listed(link)]).toEqual([part, arm, channel, row.recoveredByChannel[channel]]);
      // An entry has no channel: 0 would say that nobody came, and be divided by.
      const { entered, eligible } = row;
      if (breakdown === 'channel') expect([runs.entered, runs.eligible, entered, eligible]).toEqual([null, null, null, null]);
    }
  },
);

test('in how many runs a channel was sent is not said where a part of that was counted by an earlier version, and is once it is counted again', async () => {
  const messaged = async (): Promise<Record<string, number | null>> => {
    const url = '/v1/analytics/journeys/payment_failed/series?breakdown=channel';
    const { rows } = (await get<{ rows: { part: string; arm: string; messaged: number | null }[] }>(url)).body;
    return Object.fromEntries(rows.filter(({ arm }) => arm === 'treated').map((row) => [row.part, row.messaged]));
  };
  const known = await messaged();
  expect(known).toEqual({ '': 0, push: expect.any(Number) as number, whatsapp: expect.any(Number) as number, ...known });
  await world.sql(`update message_rollup set messaged = null where channel = 'push'`);
  await world.sql(`update message_daily set messaged = null where channel = 'push'`);
  expect(await messaged()).toEqual({ ...known, push: null });
  await world.sql(`insert into outcome_stale (journey_key, slot) select distinct journey_key, slot from message_rollup`);
  expect(await messaged()).toEqual(known);
});

test('days begin where the zone says', async () => {
  const rows = async (zone: string) =>
    (await get<{ rows: { from: string; entered: number }[] }>(`/v1/analytics/journeys/payment_failed/series?grain=day&zone=${zone}&from=2026-11-01T00:00:00Z`)).body.rows; // prettier-ignore
  expect(new Set((await rows('Asia/Kolkata')).map(({ from }) => from))).toEqual(new Set(['2026-11-22T18:30:00.000Z']));
  expect(new Set((await rows('UTC')).map(({ from }) => from))).toEqual(new Set(['2026-11-23T00:00:00.000Z']));
  expect(new Set((await rows('Asia/Kathmandu')).map(({ from }) => from))).toEqual(new Set(['2026-11-22T18:15:00.000Z']));
  // This one Postgres does not know.
  expect(new Set((await rows('US/Pacific-New')).map(({ from }) => from))).toEqual(new Set(['2026-11-22T08:00:00.000Z']));
  expect((await rows('UTC')).reduce((sum, { entered }) => sum + entered, 0)).toBe(PEOPLE);
});

test('the CSV has a head line and the same rows', async () => {
  const { body } = await get<string>('/v1/analytics/journeys/payment_failed/series.csv?breakdown=reason');
  const lines = body.trimEnd().split('\r\n');
  expect(lines[0]).toMatch(/^from,to,part,arm,entered,/);
  const { body: json } = await get<{ rows: object[] }>('/v1/analytics/journeys/payment_failed/series?breakdown=reason');
  expect(lines.length - 1).toBe(json.rows.length);
});

test('whole days and quarters of an hour give the same sums', async () => {
  const sums = async (range: string) => {
    const { treated, holdout } = (await get<{ treated: Arm; holdout: Arm }>(`/v1/analytics/journeys/payment_failed?${range}`))
      .body;
    // A link names the range that was asked for.
    return JSON.parse(JSON.stringify([treated, holdout], (_name, value: unknown) => (typeof value === 'string' && value.startsWith('/v1/') ? null : value))) as Arm[]; // prettier-ignore
  };
  const days = await sums('from=2026-11-22T18:30:00Z&to=2026-11-24T18:30:00Z');
  expect(days[0]?.entered).toBeGreaterThan(0);
  // Nothing entered outside of these hours, and no whole day lies in them.
  expect(await sums('from=2026-11-22T20:00:00Z&to=2026-11-23T18:15:00Z')).toEqual(days);
});

test('exports hold every run, message and outcome, as CSV and as NDJSON', async () => {
  const [counts] = await world.sql<Record<string, number>>(
    `select (select count(*)::int from run) as runs, (select count(*)::int from run) as outcomes, (select count(*)::int from message) as messages`,
  );
  for (const kind of ['runs', 'messages', 'outcomes']) {
    const csv = (await get<string>(`/v1/exports/${kind}`)).body.trimEnd().split('\r\n');
    const response = await fetch(`${world.url}/v1/exports/${kind}?format=ndjson`, {
      headers: { authorization: `Bearer ${key}` },
    });
    const rows = (await response.text())
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(response.headers.get('content-type')).toBe('application/x-ndjson');
    expect(response.headers.get('content-encoding')).toBe('gzip');
    expect([kind, csv.length - 1, rows.length]).toEqual([kind, counts?.[kind], counts?.[kind]]);
    expect(csv[0]).toBe(Object.keys(rows[0] ?? {}).join(','));
    // Money as everywhere: a number, not a text of digits.
    if (kind === 'outcomes') expect(new Set(rows.map(({ amount }) => typeof amount))).toEqual(new Set(['number', 'object']));
    expect(csv.join()).not.toMatch(/\+91|order_/);
  }
});

test('pages of an export, and of the list of runs, hold every run once, in order, also of those who entered at the same moment', async () => {
  await world.sql(
    `insert into outcome (run_id, journey_key, version, arm, test, entered_at)
     select gen_random_uuid(), 'pages_' || n % 3, 1, 'treated', false, timestamptz '2026-10-01Z' + n / 500 * interval '1 second' from generate_series(1, 4100) n`,
  );
  const range = 'from=2026-10-01T00:00:00Z&to=2026-10-02T00:00:00Z';
  const stale = (): Promise<object[]> => world.sql(`insert into outcome_stale (journey_key, slot) select 'pages_' || n, timestamptz '2026-10-01Z' from generate_series(0, 2) n`); // prettier-ignore
  await stale();
  const exported = (await get<string>(`/v1/exports/runs?${range}`)).body.trimEnd().split('\r\n').slice(1);
  const listed: string[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const page: { runs: { id: string }[]; nextCursor: string | null } = (
      await get<{ runs: { id: string }[]; nextCursor: string | null }>(`/v1/runs?${range}&limit=500${cursor}`)
    ).body;
    listed.push(...page.runs.map(({ id }) => id));
    cursor = page.nextCursor === null ? null : `&cursor=${page.nextCursor}`;
  }
  const stored = await world.sql<{ id: string; at: Date }>(
    `delete from outcome where journey_key like 'pages_%' returning run_id as id, entered_at as at`,
  );
  const inOrder = stored.sort((a, b) => a.at.getTime() - b.at.getTime() || (a.id < b.id ? -1 : 1)).map(({ id }) => id);
  expect(exported.map((line) => line.split(',')[0])).toEqual(inOrder);
  expect(listed).toEqual(inOrder.reverse());
  await stale();
  expect((await get<{ runs: object[] }>(`/v1/runs?${range}`)).body.runs).toEqual([]);
});

test('the month is billed as the invoice has it, and a rate of the own contract wins from its day on', async () => {
  const lines = async () => (await get<{ lines: { channel: string; category: string | null; units: number; cost: { amount: number; gst: number } | null }[] }>('/v1/analytics/costs?from=2026-11')).body.lines; // prettier-ignore
  const whatsapp = (all: Awaited<ReturnType<typeof lines>>) => all.filter(({ channel, cost }) => channel === 'whatsapp' && cost);
  const [before] = whatsapp(await lines());
  expect(before?.category).toBe('utility');
  expect(before?.cost?.amount).toBe(Math.round((before?.units ?? 0) * 11.5));
  const admin = await world.key(['admin']);
  const put = (rate: object) =>
    fetch(`${world.url}/v1/analytics/rates`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${admin}` },
      body: JSON.stringify({
        channel: 'whatsapp',
        category: 'utility',
        country: 'IN',
        currency: 'INR',
        source: 'contract',
        ...rate,
      }),
    });
  expect((await put({ from: '2026-12-01', price: 99_000 })).status).toBe(204);
  expect(whatsapp(await lines())[0]).toEqual(before);
  expect((await put({ from: '2026-11-01', price: 20_000 })).status).toBe(204);
  expect(whatsapp(await lines())[0]?.cost?.amount).toBe((before?.units ?? 0) * 20);
  expect((await put({ from: '2025-07-01', price: 11_500 })).status).toBe(204);
  await world.sql('delete from rate');
  for (const bad of [
    { from: '2026-02-30', price: 1 },
    { from: '2026-12-01', price: -1 },
    { from: '2026-12-01', price: 0.5 },
  ])
    expect((await put(bad)).status).toBe(422);
});

test('a contract that began before a list price is charged by, until it is taken back', async () => {
  const admin = await world.key(['admin']);
  const ask = (method: string, path: string, body?: object) =>
    fetch(`${world.url}/v1/analytics/${path}`, {
      method,
      headers: { 'content-type': 'application/json', authorization: `Bearer ${admin}` },
      ...(body && { body: JSON.stringify(body) }),
    });
  const perMessage = async () => {
    const { lines } = (await (await ask('GET', 'costs?from=2026-11')).json()) as { lines: { channel: string; category: string; units: number; cost: { amount: number } | null }[] }; // prettier-ignore
    const line = lines.find(({ channel, category }) => channel === 'whatsapp' && category === 'utility');
    return (line?.cost?.amount ?? 0) / (line?.units ?? 0);
  };
  const listed = await perMessage();
  const rate = { channel: 'whatsapp', category: 'utility', country: 'IN', currency: 'INR', from: '2024-12-01', price: 20_000, source: 'contract' }; // prettier-ignore
  expect((await ask('PUT', 'rates', rate)).status).toBe(204);
  expect(await perMessage()).toBe(20);
  const taken = 'rates?channel=whatsapp&category=utility&country=IN&from=2024-12-01';
  expect((await ask('DELETE', `${taken}&provider=whatsapp-cloud`)).status).toBe(404);
  expect((await ask('DELETE', taken)).status).toBe(204);
  expect(await perMessage()).toBe(listed);
  expect((await ask('DELETE', taken)).status).toBe(404);
  // What would never be asked is refused, and the refusal says what is.
  const refused = async (fields: object) => {
    const answer = await ask('PUT', 'rates', { ...rate, ...fields });
    return [answer.status, await answer.json()];
  };
  expect(await refused({ channel: 'smss' })).toEqual([
    422,
    expect.objectContaining({ faults: [{ at: 'channel', code: 'unknown_channel', detail: 'The channels are push, whatsapp, sms, email.' }] }), // prettier-ignore
  ]);
  expect(await refused({ category: null })).toEqual([
    422,
    expect.objectContaining({ faults: [expect.objectContaining({ at: 'category', code: 'missing_category' })] }),
  ]);
  expect(await refused({ provider: 'whatsapp-clud', currency: 'INS' })).toEqual([
    422,
    expect.objectContaining({
      faults: [
        expect.objectContaining({ at: 'currency', code: 'unknown_currency' }),
        expect.objectContaining({ at: 'provider', code: 'unknown_provider' }),
      ],
    }),
  ]);
  expect(await refused({ provider: 'msg91' })).toEqual([422, expect.objectContaining({ code: 'unknown_provider' })]);
  // Of one that is gone there may be something to bill.
  await world.sql(`update message_daily set provider = 'gone' where channel = 'whatsapp'`);
  expect((await ask('PUT', 'rates', { ...rate, provider: 'gone' })).status).toBe(204);
  await world.sql(`update message_daily set provider = 'whatsapp-cloud' where channel = 'whatsapp'`);
  await world.sql('delete from rate');
});

test('the month is there as CSV', async () => {
  const { body } = await get<{ lines: object[] }>('/v1/analytics/costs?from=2026-11');
  const { body: csv } = await get<string>('/v1/analytics/costs.csv?from=2026-11');
  const [head, ...rows] = csv.trimEnd().split('\r\n');
  expect(head).toBe('month,channel,provider,category,country,messages,delivered,failed,units,assumed,unpriced,currency,cost_minor_units,gst_minor_units,list'); // prettier-ignore
  expect(rows).toHaveLength(body.lines.length);
  expect(rows[0]).toMatch(/^2026-11,push,fcm,,IN,/);
});

test('rebuilding from what is stored gives the same roll-ups and the same report', async () => {
  const before = await report();
  const dump = async () => {
    const rows = await Promise.all(
      ['entry_rollup', 'recovery_rollup', 'message_rollup', 'entry_daily', 'recovery_daily', 'message_daily', 'outcome'].map(
        (table) => world.sql<{ row: string }>(`select ${table}::text as row from ${table} order by 1`),
      ),
    );
    return rows.map((table) => table.map(({ row }) => row));
  };
  const stored = await dump();
  expect(stored.every((rows) => rows.length > 0)).toBe(true);
  await world.sql(
    `truncate entry_rollup, recovery_rollup, message_rollup, entry_daily, recovery_daily, message_daily, outcome, touch`,
  );
  expect((await report()).treated.entered).toBe(0);
  expect(await rebuildOutcomes(world.database)).toEqual({ runs: PEOPLE, unreadable: 0 });
  expect(await dump()).toEqual(stored);
  expect(await report()).toEqual(before);
  // Once more over what is there: nothing doubles.
  await rebuildOutcomes(world.database);
  expect(await dump()).toEqual(stored);
});

test('a small experiment shows its counts and no difference', async () => {
  const { body } = await get<{ experiments: Record<string, unknown>[] }>('/v1/analytics/journeys/payment_failed/experiments');
  expect(body.experiments).toHaveLength(1);
  expect(body.experiments[0]).toMatchObject({
    id: 'payment_failed:1',
    versions: [1],
    holdoutPercent: 10,
    isCurrent: true,
    reading: 'read',
    verdict: 'collecting',
    incremental: null,
  });
});

describe('what cannot be answered is said', () => {
  const base = '/v1/analytics/journeys/payment_failed';
  it.each([
    ['a range that ends before it begins', `${base}?from=2026-11-24T00:00:00Z&to=2026-11-23T00:00:00Z`, 422, 'empty_range'],
    ['a range of nothing', `${base}?from=2026-11-24T00:00:00Z&to=2026-11-24T00:00:00Z`, 422, 'empty_range'],
    ['a time without a zone', `${base}?from=2026-11-24T00:00:00`, 422, 'bad_time'],
    ['a day that does not exist', `${base}?from=2026-02-30T00:00:00Z`, 422, 'bad_time'],
    ['the Middle Ages', `${base}?from=1066-10-14T09:00:00Z`, 422, 'impossible_range'],
    ['the far future', `${base}?to=2099-01-01T00:00:00Z`, 422, 'impossible_range'],
    ['an unknown zone', `${base}/series?zone=Asia/Atlantis`, 422, 'unknown_zone'],
    ['an abbreviation, which is India here and Israel there', `${base}/series?zone=IST`, 422, 'unknown_zone'],
    ['an offset instead of a zone', `${base}/series?zone=%2B05:30`, 422, 'unknown_zone'],
    ['a zone with SQL in it', `${base}/series?zone=UTC'%20or%201=1`, 422, 'unknown_zone'],
    ['every hour of four years', `${base}/series?grain=hour&from=2022-11-24T00:00:00Z`, 422, 'too_many_periods'],
    ['an unknown grain', `${base}/series?grain=century`, 422, 'bad_value'],
    ['an unknown breakdown', `${base}/series?breakdown=person`, 422, 'bad_value'],
    ['a filter that does not exist', `/v1/runs?sort=id;drop`, 422, 'unknown_field'],
    ['a limit beyond all limits', `/v1/runs?limit=1000000000`, 422, 'out_of_range'],
    ['a limit below nothing', `/v1/runs?limit=-1`, 422, 'out_of_range'],
    ['a made-up cursor', `/v1/runs?cursor=MTIzLmFiYy5kZWY`, 400, 'bad_cursor'],
    ['an empty cursor', `/v1/runs?cursor=`, 400, 'bad_cursor'],
    ['a made-up cursor of messages', `/v1/messages?cursor=MTIzLmFiYy5kZWY`, 400, 'bad_cursor'],
    ['a state that no message has', `/v1/messages?state=lost`, 422, 'bad_value'],
    ['an outcome that runs have and messages do not', `/v1/messages?outcome=recovered`, 422, 'bad_value'],
    ['a day of call that does not exist', `/v1/messages?calledOn=2026-02-30`, 422, 'bad_time'],
    ['a month of call that does not exist', `/v1/messages?calledOn=2026-13`, 422, 'bad_time'],
    ['a country in words', `/v1/messages?country=India`, 422, 'bad_format'],
    ['messages of a person', `/v1/messages?personId=1`, 422, 'unknown_field'],
    ['goals in less than no time', `/v1/runs?within=0`, 422, 'out_of_range'],
    ['a journey that is not there', `/v1/analytics/journeys/nothing`, 404, 'not_found'],
    ['a base rate of nought', `/v1/analytics/sample-size?base=0&difference=0.05`, 422, 'out_of_range'],
    ['more than everybody', `/v1/analytics/sample-size?base=0.97&difference=0.05`, 422, 'out_of_range'],
    ['months that end before they begin', `/v1/analytics/costs?from=2026-11&to=2026-10`, 422, 'empty_range'],
    ['a month that does not exist', `/v1/analytics/costs?from=2026-13`, 422, 'bad_format'],
    ['an export of everything else', `/v1/exports/people`, 404, 'not_found'],
    ['an export in a strange format', `/v1/exports/runs?format=xlsx`, 422, 'bad_value'],
    ['a rate in words', `/v1/analytics/sample-size?base=half&difference=0.05`, 422, 'bad_type'],
  ])('%s', async (_name, path, status, code) => {
    const answer = await get<{ code: string }>(path);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
  });

  it.each([
    [
      `${base}/series?from=yesterday&to=2026-02-30T00:00:00Z&zone=Asia/Atlantis&grain=century&breakdown=person&sort=id`,
      ['from bad_time', 'to bad_time', 'zone unknown_zone', 'grain bad_value', 'breakdown bad_value', 'sort unknown_field'],
    ],
    [`${base}/series?from=2026-11-24T00:00:00Z&to=2026-11-23T00:00:00Z&grain=century`, ['from empty_range', 'grain bad_value']],
    [`${base}?from=1066-10-14T09:00:00Z&to=2099-01-01T00:00:00Z`, ['from impossible_range', 'to impossible_range']],
    [`/v1/runs?from=yesterday&limit=0&outcome=lost`, ['from bad_time', 'limit out_of_range', 'outcome bad_value']],
    [`/v1/exports/runs?to=tomorrow&format=xlsx`, ['to bad_time', 'format bad_value']],
    [
      `/v1/analytics/sample-size?base=2&difference=0&holdoutShare=1&perDay=0`,
      ['base out_of_range', 'difference out_of_range', 'holdoutShare out_of_range', 'perDay out_of_range'],
    ],
  ])('everything at once: %s', async (path, expected) => {
    const { status, body } = await get<{ faults: { at: string; code: string }[] }>(path);
    expect([status, body.faults.map(({ at, code }) => `${at} ${code}`).sort()]).toEqual([422, [...expected].sort()]);
  });

  it('a zone whose + was lost on the way, and how it is written', async () => {
    const { status, body } = await get<{ faults: { at: string; detail: string }[] }>(`${base}?from=2026-11-01T00:00:00+05:30`);
    expect([status, body.faults.map(({ at, detail }) => `${at}: ${detail}`)]).toEqual([
      422,
      ['from: The + of the zone came as a blank: in an address it is written %2B, as in 2026-11-23T00:00:00%2B05:30.'],
    ]);
  });

  it('a cursor that was changed, or goes with another list', async () => {
    const { body } = await get<{ nextCursor: string }>('/v1/runs?limit=1&arm=treated');
    const changed = Buffer.from(body.nextCursor, 'base64url').toString().replace(/^\d/, '9');
    for (const url of [
      `/v1/runs?limit=1&arm=treated&cursor=${Buffer.from(changed).toString('base64url')}`,
      `/v1/runs?limit=1&arm=holdout&cursor=${body.nextCursor}`,
      `/v1/runs?limit=1&arm=treated&cursor=${body.nextCursor}A.B`,
      `/v1/messages?limit=1&arm=treated&cursor=${body.nextCursor}`,
    ])
      expect((await get(url)).status).toBe(400);
  });

  it('an empty range has rows for nobody and no figure made of nothing', async () => {
    const { body } = await get<{ treated: Arm; experiments: object[] }>(
      `${base}?from=2020-01-01T00:00:00Z&to=2020-02-01T00:00:00Z`,
    );
    expect(body.treated).toMatchObject({ entered: 0, revenue: [], timeToRecoverySeconds: null, firstMessageSeconds: null });
    expect(body.experiments).toEqual([]);
  });
});

describe('experiments', () => {
  const definition = (fields: object) => ({
    format: 'wapas.journey/1',
    key: 'cart',
    name: 'Cart',
    trigger: { event: 'Cart Updated' },
    correlateBy: ['cart'],
    goal: { events: ['Order Placed'], by: ['cart'] },
    window: '1h',
    holdoutPercent: 50,
    steps: [
      {
        key: 'push',
        after: '1m',
        maxDelay: '10m',
        channel: 'push',
        messages: [{ template: { title: 'Your cart', body: 'It is here.' } }],
      },
    ],
    ...fields,
  });
  const fill = async (prefix: string, people: number, currencies: string[] = ['INR']) => {
    const ingest = await world.key(['ingest']);
    const post = async (events: object[]) =>
      fetch(`${world.url}/v1/events/batch`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${ingest}` },
        body: JSON.stringify({ events }),
      });
    const names = Array.from({ length: people }, (_, number) => `${prefix}-${number}`);
    const person = (name: string) => ({ person: { customerId: name }, keys: { cart: name } });
    await post(names.map((name) => ({ event: 'Cart Updated', eventId: `c-${name}`, ...person(name) })));
    await world.settled();
    const goals = names.filter((_, number) => number % 2 === 0);
    await post(goals.map((name, number) => ({ event: 'Order Placed', eventId: `o-${name}`, ...person(name), amount: { value: 50_000, currency: currencies[number % currencies.length] } }))); // prettier-ignore
    await world.settled();
  };
  const experiments = async () =>
    (await get<{ experiments: { id: string; versions: number[]; holdoutPercent: number; reading: string; note: string; verdict: string | null; organic: unknown; intervalKind: string; incremental: { revenue: { kind: string } } | null; runs: Record<'treated' | 'treatedRecovered' | 'attributed' | 'holdout' | 'holdoutRecovered', string>; attributed: { count: number }; treated: { entered: number; recovered: number }; holdout: { entered: number; recovered: number } }[] }>('/v1/analytics/journeys/cart/experiments')).body.experiments; // prettier-ignore

  it('begin anew with another treatment or holdout, not with another name', async () => {
    await world.publish(definition({}));
    await fill('a', 400, ['INR', 'USD']);
    await world.publish(definition({ name: 'The cart' }));
    await fill('b', 100);
    await world.publish(definition({ holdoutPercent: 0 }));
    await fill('c', 100);
    const [first, second] = await experiments();
    for (const { runs, treated, holdout, attributed } of [first, second] as NonNullable<typeof first>[]) {
      expect([await listed(runs.treated), await listed(runs.holdout)]).toEqual([treated.entered, holdout.entered]);
      expect([await listed(runs.treatedRecovered), await listed(runs.holdoutRecovered)]).toEqual([treated.recovered, holdout.recovered]); // prettier-ignore
      expect(await listed(runs.attributed)).toBe(attributed.count);
    }
    expect(first).toMatchObject({ versions: [1, 2], holdoutPercent: 50, reading: 'read', intervalKind: 'always_valid' });
    expect((first?.treated.entered ?? 0) + (first?.holdout.entered ?? 0)).toBe(500);
    expect(first?.incremental?.revenue).toEqual({ kind: 'mixed_currencies', currencies: ['INR', 'USD'] });
    expect(second).toMatchObject({
      versions: [3],
      holdoutPercent: 0,
      reading: 'no_control',
      verdict: null,
      organic: null,
      incremental: null,
    });
    expect(second?.note).toMatch(/No holdout/);
  });

  it('stand in a CSV with the three numbers in columns of their own, and nothing incremental without a holdout', async () => {
    const { status, body } = await get<string>('/v1/analytics/journeys/cart/experiments.csv');
    expect(status).toBe(200);
    const [head = [], ...rows] = body
      .trim()
      .split('\r\n')
      .map((line) => line.split(','));
    const cells = rows.map((row) => Object.fromEntries(head.map((name, column) => [name, row[column]])));
    const [first, second] = await experiments();
    expect(cells).toMatchObject([
      { experiment: 'cart:1', versions: '1 2', reading: 'read', attributed: String(first?.attributed.count) },
      { experiment: 'cart:3', versions: '3', reading: 'no_control', attributed: String(second?.attributed.count) },
    ]);
    const incremental = head.filter((name) => name.startsWith('incremental_') && !name.includes('revenue'));
    expect(incremental).toHaveLength(6);
    for (const name of incremental) expect([name, cells[0]?.[name] === '', cells[1]?.[name]]).toEqual([name, false, '']);
  });

  it('count a person once, also who comes again when their window is over', async () => {
    const before = (await experiments())[1]?.treated.entered;
    const ingest = await world.key(['ingest']);
    const comeAgain = async (cart: string): Promise<void> => {
      const response = await fetch(`${world.url}/v1/events`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${ingest}` },
        body: JSON.stringify({ event: 'Cart Updated', eventId: cart, person: { customerId: 'c-1' }, keys: { cart } }),
      });
      expect(response.status).toBe(202);
      await world.settled();
    };
    await comeAgain('in-the-window');
    await world.moveTo(hours(28));
    await comeAgain('when-it-is-over');
    const [first, second] = await experiments();
    expect(second?.treated.entered).toBe(before);
    expect(await listed(second?.runs.treated ?? '')).toBe(before);
    expect(await listed('/v1/runs?journey=cart&version=3&arm=treated')).toBeGreaterThan(before ?? 0);
    expect(first).toMatchObject({ intervalKind: 'always_valid', verdict: 'not proven' });
    expect(first?.note).toMatch(/^It ended before two weeks/);
  });

  it('are read as ended once the window of the last who entered is over, also of a range that ended before', async () => {
    const ingest = await world.key(['ingest']);
    const enter = async (prefix: string): Promise<void> => {
      const names = Array.from({ length: 60 }, (_, number) => `${prefix}-${number}`);
      const events = names.map((name) => ({ event: 'Basket Updated', person: { customerId: name }, keys: { cart: name } }));
      const body = JSON.stringify({ events });
      const headers = { 'content-type': 'application/json', authorization: `Bearer ${ingest}` };
      expect((await fetch(`${world.url}/v1/events/batch`, { method: 'POST', headers, body })).status).toBe(202);
      await world.settled();
    };
    const basket = { key: 'basket', trigger: { event: 'Basket Updated' } };
    await world.publish(definition(basket));
    await enter('early');
    await world.moveTo(hours(32));
    await enter('late');
    await world.publish(definition({ ...basket, holdoutPercent: 40 }));
    await enter('after');
    const range = `from=${new Date(START + hours(27)).toISOString()}&to=${new Date(START + hours(30)).toISOString()}`;
    const verdicts = async () =>
      (
        await get<{
          experiments: { id: string; verdict: string; treated: { entered: number }; holdout: { entered: number } }[];
        }>(`/v1/analytics/journeys/basket/experiments?${range}`)
      ).body.experiments // prettier-ignore
        .map(({ id, verdict, treated, holdout }) => [id, verdict, treated.entered + holdout.entered]);
    expect(await verdicts()).toEqual([['basket:1', 'collecting', 60]]);
    await world.moveTo(hours(34));
    expect(await verdicts()).toEqual([['basket:1', 'not proven', 60]]);
  });

  it('begin anew when a registered text is given other words, and not when it is given the same', async () => {
    const api = await apiOf(world);
    const write = async (title: string): Promise<void> => {
      const text = { category: 'service', fields: { title, body: 'It is here.' } };
      expect((await api('PUT', '/v1/templates/texts/push/words/en', text)).status).toBe(204);
    };
    const ingest = await world.key(['ingest']);
    const enter = async (prefix: string, people: number): Promise<void> => {
      const names = Array.from({ length: people }, (_, number) => `${prefix}-${number}`);
      const events = names.map((name) => ({ event: 'Words Seen', person: { customerId: name }, keys: { cart: name } }));
      const headers = { 'content-type': 'application/json', authorization: `Bearer ${ingest}` };
      const answer = await fetch(`${world.url}/v1/events/batch`, { method: 'POST', headers, body: JSON.stringify({ events }) });
      expect(answer.status).toBe(202);
      await world.settled();
    };
    await write('Your cart');
    await world.app.get(KeepTexts).refresh();
    const step = {
      key: 'push',
      after: '1m',
      maxDelay: '10m',
      channel: 'push',
      messages: [{ template: { registered: 'words' } }],
    };
    await world.publish(definition({ key: 'words', trigger: { event: 'Words Seen' }, steps: [step] }));
    await enter('first', 30);
    await write('Your cart');
    await world.moveTo(hours(38));
    await enter('second', 10);
    await world.moveTo(hours(39));
    await write('Come back');
    await enter('in-the-quarter', 3);
    await world.moveTo(hours(40));
    await enter('third', 20);
    const found =
      (await get<{ experiments: { id: string; isCurrent: boolean; treated: { entered: number }; holdout: { entered: number }; runs: { treated: string; holdout: string } }[] }>('/v1/analytics/journeys/words/experiments')) // prettier-ignore
      .body.experiments;
    expect(found.map(({ id, isCurrent, treated, holdout }) => [id, isCurrent, treated.entered + holdout.entered])).toEqual([
      ['words:1', false, 40],
      ['words:1.2', true, 20],
    ]);
    for (const { runs, treated, holdout } of found)
      expect([await listed(runs.treated), await listed(runs.holdout)]).toEqual([treated.entered, holdout.entered]);
  });

  it('attribute a goal to the last message inside whose own window it lies, not to a later one whose window is over', async () => {
    const ingest = await world.key(['ingest']);
    const post = async (event: object): Promise<void> => {
      const headers = { 'content-type': 'application/json', authorization: `Bearer ${ingest}` };
      expect((await fetch(`${world.url}/v1/events`, { method: 'POST', headers, body: JSON.stringify(event) })).status).toBe(202);
      await world.settled();
    };
    const about = { person: { customerId: 'late', phone: '+919876599001', pushTokens: [{ token: 'token-late', platform: 'android' }] }, keys: { order: 'late' } }; // prettier-ignore
    await world.publish(
      definition({
        key: 'late_cart',
        trigger: { event: 'Late Cart' },
        correlateBy: ['order'],
        goal: { events: ['Late Order'], by: ['order'] },
        window: '72h',
        holdoutPercent: 0,
        steps: [
          { key: 'whatsapp', after: '1m', maxDelay: '30m', channel: 'whatsapp', messages: [{ template: { name: 'payment_failed_v1', language: 'en', body: ['{{keys.order}}', 'soon'], button: '{{link_token}}' } }] }, // prettier-ignore
          { key: 'push', after: '2h', maxDelay: '30m', channel: 'push', messages: [{ template: { title: 'Your cart', body: 'It is here.' } }] }, // prettier-ignore
        ],
      }),
    );
    await post({ event: 'Late Cart', eventId: 'late-1', ...about });
    await world.moveTo(hours(40) + minutes(1));
    await world.moveTo(hours(42));
    await world.moveTo(hours(40 + 28));
    await post({ event: 'Late Order', eventId: 'late-2', ...about });
    const { treated } = (await get<{ treated: Arm }>('/v1/analytics/journeys/late_cart')).body;
    expect(treated).toMatchObject({ messages: { sent: 2 }, recovered: 1, attributed: 1, recoveredByChannel: { whatsapp: 1 } });
    expect(await listed(treated.runs.attributed)).toBe(1);
  });
});
