import { hours, minutes } from '@wapas/kernel';
import { type HttpVendorStub, startVendorStub } from '@wapas/provider-testing';
import { type ArmDto, type SeriesDto, type SeriesRowDto } from '../../src/analytics/http/analytics.dto';
import { type InvoiceLineDto, type InvoicesDto } from '../../src/analytics/http/costs.dto';
import { type ExperimentDto, type ExperimentsDto, type JourneyReportDto } from '../../src/analytics/http/experiment.dto';
import { RollUpOutcomes } from '../../src/analytics/roll-up-outcomes';
import { apiOf } from '../support/api';
import { openPush } from '../support/stories';
import { World } from '../support/world';

/** Every number of a lively report leads to a list that holds exactly as much as the number says. */

const DAY = hours(24);
const JOURNEY = '/v1/analytics/journeys/lively';
const RANGE = 'from=2026-11-20T00:00:00Z&to=2026-12-20T00:00:00Z';
const journey = (change: object = {}) => ({
  format: 'wapas.journey/1',
  key: 'lively',
  name: 'lively',
  trigger: { event: 'Attempt Failed' },
  correlateBy: ['order'],
  goal: { events: ['Attempt Paid'], by: ['order'] },
  exits: [{ event: 'Attempt Refunded', reason: 'refunded' }],
  window: '6h',
  holdoutPercent: 30,
  steps: [
    {
      key: 'push',
      after: '1m',
      maxDelay: '10m',
      channel: 'push',
      messages: [
        {
          variants: ['plain', 'warm'].map((key) => ({ key, percent: 50, template: { title: key, body: 'Tap.' } })),
        },
      ],
    },
    {
      key: 'whatsapp',
      after: '20m',
      maxDelay: '10m',
      channel: 'whatsapp',
      messages: [
        {
          template: {
            name: 'payment_failed_v1',
            language: 'en',
            body: ['{{keys.order}}', 'x'],
            button: '{{link_token}}',
          },
        },
      ],
    },
    { key: 'sms', after: '40m', maxDelay: '20m', channel: 'sms', messages: [{ template: { id: '64f0c0ffee00000000000001', variables: { order: '{{keys.order}}' } } }] }, // prettier-ignore
    { key: 'again', after: '1h', maxDelay: '20m', channel: 'push', messages: [{ template: { title: 'Once more', body: 'Tap.' } }] }, // prettier-ignore
  ],
  ...change,
});

interface Shopper {
  readonly id: string;
  readonly phone: string;
  readonly order: string;
}
const shopper = (number: number): Shopper => ({ id: `nl_${number}`, phone: number % 6 === 0 ? `+9715012${String(34_000 + number)}` : `+9196${String(20_000_000 + number)}`, order: `nlo_${number}` }); // prettier-ignore

let world: World;
let gateway: HttpVendorStub;
let api: Awaited<ReturnType<typeof apiOf>>;

beforeAll(async () => {
  gateway = await startVendorStub();
  gateway.answer({ status: 200, body: '{"id":"gw-1"}' });
  world = await World.start({
    env: {
      WEBHOOK_URL: gateway.url,
      WEBHOOK_SECRET: `whsec_${Buffer.from('0123456789abcdef0123456789abcdef').toString('base64')}`,
      WEBHOOK_CHANNEL: 'sms',
      WEBHOOK_ALLOW_PRIVATE: 'true',
      WAPAS_PROVIDER_ORDER: 'msg91,webhook',
      WAPAS_CAP_PER_DAY: '100',
      WAPAS_ALLOWED_COUNTRIES: 'IN,AE',
    },
  });
  api = await apiOf(world);
  const usd = { channel: 'sms', country: 'AE', currency: 'USD', from: '2026-11-25', price: 4_200, source: 'contract' };
  expect((await api('PUT', '/v1/analytics/rates', usd)).status).toBe(204);
  await world.publish(journey());
  await world.publish(journey({ key: 'beside' }));
  await api('PUT', '/v1/journeys/unheard/draft', journey({ key: 'unheard' }));
  expect((await api('POST', '/v1/journeys/unheard/versions', { mode: 'shadow' })).status).toBe(201);
  await live(0, 1, 48);
  await world.publish(journey({ name: 'only another name' }));
  await live(DAY, 49, 30);
  await world.publish(journey({ holdoutPercent: 20 }));
  await live(3 * DAY, 79, 30);
  await asVendorsMaySay();
}, 300_000);
afterAll(async () => {
  await world?.stop();
  await gateway?.close();
});

/** So many people from a number on, at a time: some pay, some are given it back. */
async function live(at: number, first: number, count: number): Promise<void> {
  const people = Array.from({ length: count }, (_, index) => shopper(first + index));
  const every = (step: number, rest: number): Shopper[] => people.filter((_, index) => index % step === rest);
  await world.moveTo(at);
  for (const one of people) await say('App Opened', { ...one, order: undefined }, { token: true });
  for (const [index, one] of people.entries())
    await say('Attempt Failed', one, {
      amount: { value: 100_000 + index, currency: index % 5 === 0 ? 'USD' : 'INR' },
      ...(index % 3 === 0 ? {} : { reason: { class: index % 3 === 1 ? 'user_error' : 'bank' } }),
    });
  const testKey = await world.key(['ingest'], true);
  for (const one of every(10, 0)) await say('Attempt Failed', { ...one, id: `test ${one.id}` }, {}, testKey);
  await world.settled();
  for (const one of every(12, 1)) await pay(one);
  await world.moveTo(at + minutes(1));
  for (const one of every(12, 2)) await openPush(world, one).catch(() => undefined);
  for (const one of every(12, 2)) await pay(one);
  await world.moveTo(at + minutes(20));
  for (const one of every(12, 3)) await pay(one);
  await world.control('mode', { vendor: 'msg91', mode: 'normal', receipts: 'failed' });
  await world.moveTo(at + minutes(40));
  await world.control('mode', { vendor: 'msg91', mode: 'normal', receipts: 'normal' });
  for (const one of every(12, 4)) await pay(one);
  await world.moveTo(at + hours(1));
  // The same people come with another matter: they count in no comparison again.
  for (const one of every(9, 5)) await say('Attempt Failed', { ...one, order: `${one.order}b` }, { amount: { value: 5_000, currency: 'INR' } }); // prettier-ignore
  await world.moveTo(at + minutes(90));
  for (const one of every(12, 7)) await pay(one);
  await world.moveTo(at + hours(3));
  for (const one of every(12, 5)) await pay(one);
  const backs = [...every(12, 2), ...every(12, 4)];
  for (const [index, one] of backs.entries())
    await say('Attempt Refunded', one, index % 2 === 0 ? {} : { amount: { value: 700, currency: 'INR' } });
  await world.settled();
  await world.moveTo(at + hours(8));
}

let serial = 0;
async function say(
  event: string,
  who: Partial<Shopper>,
  more: Readonly<Record<string, unknown>> = {},
  key?: string,
): Promise<void> {
  const { token, ...fields } = more;
  const person = { customerId: who.id, phone: who.phone, ...(token ? { pushTokens: [{ token: `token-${who.phone?.slice(1)}`, platform: 'android' }] } : {}) }; // prettier-ignore
  const body = { event, eventId: `nl-${(serial += 1)}`, person, ...(who.order ? { keys: { order: who.order } } : {}), ...fields };
  if (key === undefined) return expect((await api('POST', '/v1/events', body)).status).toBe(202);
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${key}` };
  expect((await fetch(`${world.url}/v1/events`, { method: 'POST', headers, body: JSON.stringify(body) })).status).toBe(202);
}
const pay = (one: Shopper): Promise<void> => say('Attempt Paid', one, { amount: { value: 149_900, currency: Number(one.id.slice(3)) % 3 === 0 ? 'USD' : 'INR' } }); // prettier-ignore

/** Parts, categories and clicks that no vendor of the sandbox tells of; a message of the month after. */
async function asVendorsMaySay(): Promise<void> {
  const some = (rest: number): string => `abs(hashtext(message_id::text)) % 5 = ${rest}`;
  await world.sql(`update touch set parts = 2 where channel = 'sms' and ${some(0)}`);
  await world.sql(
    `update touch set clicked_at = at + interval '3 minutes' where channel = 'whatsapp' and state = 'sent' and ${some(1)}`,
  );
  await world.sql(`update touch set category = 'marketing', billable = true where channel = 'whatsapp' and ${some(2)}`);
  await world.sql(`update touch set category = null, sent_as = null where channel = 'whatsapp' and ${some(3)}`);
  await world.sql(`update touch set billable = false, category = 'service' where channel = 'whatsapp' and ${some(4)}`);
  await world.sql(`update touch set state = 'unknown' where channel = 'sms' and ${some(3)}`);
  await world.sql(`update touch set at = at + interval '10 days' where channel = 'sms' and ${some(4)}`);
  // Who reads at once is told of as having read, and nothing else.
  await world.sql(`update touch set delivered_at = null where channel = 'whatsapp' and clicked_at is not null`);
  // An SMS longer ago than counts for one, after a WhatsApp that still counts.
  await world.sql(
    `update touch t set at = o.goal_at - case t.channel when 'sms' then interval '30 hours' when 'whatsapp' then interval '40 hours' else interval '50 hours' end
     from outcome o where o.run_id = t.run_id and o.run_id = (
       select run_id from outcome g where journey_key = 'lively' and goal_at is not null and not test
         and (select count(distinct channel) from touch m where m.run_id = g.run_id and state = 'sent' and channel in ('sms', 'whatsapp')) = 2 order by run_id limit 1)`,
  );
  await world.sql(`insert into outcome_stale (journey_key, slot) select distinct journey_key, slot from entry_rollup`);
  await world.app.get(RollUpOutcomes).refresh(null);
}

type Row = Readonly<Record<string, unknown>>;
/** A number, the list behind it, and what of the list adds up to it. */
interface Claim {
  readonly path: string;
  readonly says: number;
  readonly link: string | null;
  readonly by: (row: Row) => number;
}
const ROWS = (): number => 1;
const UNITS = ({ units }: Row): number => units as number;
const AMOUNT = ({ amount }: Row): number => amount as number;
const COST = ({ cost }: Row): number => (cost as { milli: number }).milli / 1_000;

/** Numbers that are no counts: they are reckoned from others, or say what was asked. */
const RECKONED =
  /(\.gst|\.median|\.p90|Percent|\.versions\.\d+|\.rate\..*|\.rate|organic.*|incremental.*|split.*|needed.*|daysToAnswer)$/;

const claims =
  (path: string) =>
  (name: string, says: number | null, link: string | null, by: Claim['by'] = ROWS): Claim[] =>
    says === null ? [] : [{ path: `${path}.${name}`, says, link, by }];

function armClaims(path: string, arm: ArmDto | SeriesRowDto): Claim[] {
  const claim = claims(path);
  const { runs, messages, revenue, timeToRecoverySeconds: times, cost, recoveredByChannel } = arm;
  return [
    ...(['entered', 'eligible', 'messaged', 'recovered', 'attributed'] as const).flatMap((name) => claim(name, arm[name], runs[name])),
    ...claim('recoveredUntouched', arm.recoveredUntouched, runs.untouched),
    ...Object.entries(recoveredByChannel).flatMap(([name, says]) => claim(`recoveredByChannel.${name}`, says, runs.recoveredByChannel[name] ?? '')),
    ...(['sent', 'delivered', 'read', 'clicked'] as const).flatMap((name) => claim(`messages.${name}`, messages[name], messages.lists[name])),
    ...revenue.flatMap((one, at) => claim(`revenue.${at}.amount`, one.amount, one.runs, AMOUNT)),
    ...(times === null ? [] : (['within15m', 'within1h', 'within2h', 'within24h'] as const).flatMap((name) => claim(`timeToRecoverySeconds.${name}`, times[name], times.runs[name]))),
    ...cost.costs.flatMap((one, at) => [
      ...claim(`cost.costs.${at}.units`, one.units, one.lists.units, UNITS),
      ...claim(`cost.costs.${at}.amount`, one.amount, one.lists.units, COST),
      ...claim(`cost.costs.${at}.assumed`, one.assumed, one.lists.assumed, UNITS),
    ]),
    ...claim('cost.unpriced', cost.unpriced, cost.lists.unpriced, UNITS),
  ]; // prettier-ignore
}

function experimentClaims(path: string, { treated, holdout, attributed, unpriced, runs, lists }: ExperimentDto): Claim[] {
  const claim = claims(path);
  return [
    ...claim('treated.entered', treated.entered, runs.treated),
    ...claim('treated.recovered', treated.recovered, runs.treatedRecovered),
    ...claim('holdout.entered', holdout.entered, runs.holdout),
    ...claim('holdout.recovered', holdout.recovered, runs.holdoutRecovered),
    ...claim('attributed.count', attributed.count, runs.attributed),
    ...claim('unpriced', unpriced, lists.unpriced, UNITS),
  ];
}

function lineClaims(path: string, line: InvoiceLineDto): Claim[] {
  const claim = claims(path);
  return [
    ...claim('messages', line.messages, line.lists.messages),
    ...claim('delivered', line.delivered, line.lists.delivered),
    ...claim('failed', line.failed, line.lists.failed),
    ...claim('units', line.units, line.lists.units, UNITS),
    ...claim('cost.amount', line.cost?.amount ?? null, line.lists.units, COST),
    ...claim('assumed', line.assumed, line.lists.assumed, UNITS),
    ...claim('unpriced', line.unpriced, line.lists.unpriced, UNITS),
  ];
}

const listed = new Map<string, Promise<Row[]>>();
/** What a list holds, all its pages together; each row once. */
function rowsOf(link: string): Promise<Row[]> {
  const known = listed.get(link);
  if (known) return known;
  const reading = (async () => {
    const rows: Row[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const { status, body } = await api('GET', `${link}&limit=40${cursor ? `&cursor=${cursor}` : ''}`);
      expect([link, status]).toEqual([link, 200]);
      const page = (body.runs ?? body.messages) as Row[];
      expect(page.length).toBeLessThanOrEqual(40);
      rows.push(...page);
      cursor = body.nextCursor as string | null;
    }
    expect(new Set(rows.map((row) => JSON.stringify(row))).size).toBe(rows.length);
    return rows;
  })();
  listed.set(link, reading);
  return reading;
}

/** Compares every number with what its list holds. A number without a list, and a list without a number, is told as well. */
async function walk(body: unknown, numbers: readonly Claim[], alsoListed: readonly string[] = []): Promise<void> {
  expect(numbers.length).toBeGreaterThan(5);
  const wrong: string[] = [];
  for (const { path, says, link, by } of numbers) {
    // Where nothing has a price nothing is priced.
    if (link === null && says === 0) continue;
    const adds = Math.round((await rowsOf(link ?? '')).reduce((sum, row) => sum + by(row), 0));
    if (adds !== says) wrong.push(`${path} says ${says}, ${link} adds up to ${adds}`);
  }
  const claimed = new Set(numbers.map(({ path }) => path));
  const links = new Set([...numbers.map(({ link }) => link), ...alsoListed]);
  for (const [path, value] of leaves('', body)) {
    if (typeof value === 'number' && !claimed.has(path) && !RECKONED.test(path)) wrong.push(`${path} leads nowhere`);
    if (typeof value === 'string' && value.startsWith('/v1/') && !links.has(value)) wrong.push(`${path} is no number's`);
  }
  expect(wrong).toEqual([]);
}

function leaves(path: string, value: unknown): [path: string, value: unknown][] {
  if (value === null || typeof value !== 'object') return [[path, value]];
  return Object.entries(value).flatMap(([name, one]) => leaves(path === '' ? name : `${path}.${name}`, one));
}

/** Runs that had such a message: beside the numbers of messages, they lead to runs. */
const runsWith = ({ runs }: ArmDto | SeriesRowDto): string[] => [runs.delivered, runs.read, runs.clicked];

const get = async <Body>(path: string): Promise<Body> => (await api('GET', path)).body as unknown as Body;

test('the history is as lively as it says', async () => {
  const [seen] = await world.sql<Record<string, number>>(
    `select (select count(*)::int from earlier_touch) as superseded, (select count(*)::int from outcome where test) as test,
            (select count(distinct version)::int from outcome where journey_key = 'lively') as versions, (select count(distinct variant)::int from outcome) as variants,
            (select count(*)::int from outcome where refunds <> '{}') as refunds, (select count(*)::int from outcome where refunds <> '{}' and goal_at is not null) as partly,
            (select count(*)::int from run where memory ? 'shadow') as shadow, (select count(*)::int from entry_rollup where not counts) as again,
            (select count(*)::int from touch where country = 'AE') as abroad, (select count(distinct state)::int from touch) as states, (select count(*)::int from touch where read_at is not null) as read`,
  );
  expect(Object.entries(seen ?? {}).filter(([, count]) => count < 2)).toEqual([]);
  const { treated } = await get<JourneyReportDto>(`${JOURNEY}?${RANGE}`);
  expect(treated.revenue.length).toBe(2);
  expect(treated.messages.clicked).toBeGreaterThan(1);
  expect(treated.cost.costs.length).toBe(2);
  expect(treated.cost.unpriced).toBeGreaterThan(0);
});

test('of the journey report', async () => {
  const body = await get<JourneyReportDto>(`${JOURNEY}?${RANGE}`);
  const { treated, holdout, messages, experiments } = body;
  await walk(
    body,
    [
      ...armClaims('treated', treated),
      ...armClaims('holdout', holdout),
      ...messages.map((one, at) => ({ path: `messages.${at}.count`, says: one.count, link: one.list, by: ROWS })),
      ...experiments.flatMap((one, at) => experimentClaims(`experiments.${at}`, one)),
    ],
    [...[treated, holdout].flatMap(runsWith), ...experiments.map((one) => one.lists.billed)],
  );
});

test.each([
  ['none', 'hour', 'America/New_York'],
  ['none', 'day', 'Asia/Kolkata'],
  ['version', 'week', 'Asia/Kolkata'],
  ['variant', 'all', 'UTC'],
  ['reason', 'all', 'Asia/Kolkata'],
  ['channel', 'all', 'Asia/Kolkata'],
  ['channel', 'day', 'UTC'],
])('of a series by %s and %s in %s', async (breakdown, grain, zone) => {
  const body = await get<SeriesDto>(`${JOURNEY}/series?${RANGE}&breakdown=${breakdown}&grain=${grain}&zone=${zone}`);
  expect(body.rows.length).toBeGreaterThan(1);
  await walk(
    body,
    body.rows.flatMap((row, at) => armClaims(`rows.${at}`, row)),
    body.rows.flatMap(runsWith),
  );
});

test('of the experiments', async () => {
  const body = await get<ExperimentsDto>(`${JOURNEY}/experiments?${RANGE}`);
  expect(body.experiments).toHaveLength(2);
  await walk(
    body,
    body.experiments.flatMap((one, at) => experimentClaims(`experiments.${at}`, one)),
    body.experiments.map((one) => one.lists.billed),
  );
});

test('of the months as providers bill them', async () => {
  const body = await get<InvoicesDto>('/v1/analytics/costs?from=2026-11&to=2026-12');
  expect(new Set(body.lines.map(({ month }) => month)).size).toBe(2);
  expect(body.lines.some(({ unpriced }) => unpriced > 0)).toBe(true);
  await walk(
    body,
    body.lines.flatMap((line, at) => lineClaims(`lines.${at}`, line)),
  );
});

test('the lists of days add up to that of their month', async () => {
  const month = await rowsOf('/v1/messages?calledOn=2026-11&outcome=taken');
  const days = await Promise.all(
    Array.from({ length: 30 }, (_, day) =>
      rowsOf(`/v1/messages?calledOn=2026-11-${String(day + 1).padStart(2, '0')}&outcome=taken`),
    ),
  );
  expect(days.reduce((sum, rows) => sum + rows.length, 0)).toBe(month.length);
  expect(month.length).toBeGreaterThan(50);
});

/** All rows of an export. */
async function exported(kind: string): Promise<Row[]> {
  const response = await fetch(`${world.url}/v1/exports/${kind}?${RANGE}&format=ndjson`, {
    headers: { authorization: `Bearer ${await world.key(['read'])}` },
  });
  const lines = (await response.text()).trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line) as Row);
}

test('the attempts that are exported come to what the months say, line by line', async () => {
  const { lines } = await get<InvoicesDto>('/v1/analytics/costs?from=2026-11&to=2026-12');
  const sums = new Map<string, { messages: number; units: number; assumed: number; unpriced: number; milli: number }>();
  for (const row of await exported('attempts')) {
    const line = [String(row.called_on).slice(0, 7), row.channel, row.provider, row.priced_as, row.priced_in].join(' ');
    const sum = sums.get(line) ?? { messages: 0, units: 0, assumed: 0, unpriced: 0, milli: 0 };
    const [units, isPriced] = [row.units as number, row.cost_currency !== null];
    sums.set(line, {
      messages: sum.messages + 1,
      units: sum.units + (isPriced ? units : 0),
      assumed: sum.assumed + (isPriced && row.assumed === true ? units : 0),
      unpriced: sum.unpriced + (isPriced ? 0 : units),
      milli: sum.milli + ((row.cost_milli as number | null) ?? 0),
    });
  }
  expect(Object.fromEntries([...sums].map(([line, { milli, ...sum }]) => [line, { ...sum, amount: Math.round(milli / 1_000) }]))).toEqual(
    Object.fromEntries(
      lines.map(({ month, channel, provider, category, country, messages, units, assumed, unpriced, cost }) => [
        [month, channel, provider, category, country].join(' '),
        { messages, units, assumed, unpriced, amount: cost?.amount ?? 0 },
      ]),
    ),
  ); // prettier-ignore
});

test('the outcomes that are exported are attributed to the channels that the report names', async () => {
  const { treated } = await get<JourneyReportDto>(`${JOURNEY}?${RANGE}`);
  const rows = (await exported('outcomes')).filter(
    (row) => row.journey === 'lively' && row.arm === 'treated' && row.goal_at !== null,
  );
  const byChannel = Object.keys(treated.recoveredByChannel).map((channel) => [
    channel,
    rows.filter((row) => row.last_channel === channel).length,
  ]);
  expect(Object.fromEntries(byChannel)).toEqual(treated.recoveredByChannel);
  expect(rows.filter((row) => row.attributed === true).length).toBe(treated.attributed);
  expect(rows.filter((row) => row.attributed === false).length).toBe(treated.recovered - treated.attributed);
});

test('a list of messages names nobody', async () => {
  const rows = await rowsOf('/v1/messages?outcome=taken');
  expect(JSON.stringify(rows)).not.toMatch(/\+9|nl_|nlo_|personId|token/);
});
