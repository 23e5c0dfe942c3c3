import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { minutes } from '@wapas/kernel';
import { until, World } from '../support/world';

const sms = (key: string, after: string, more: object = {}) => ({
  key,
  after,
  channel: 'sms',
  messages: [{ template: { id: '64f0c0ffee00000000000009', variables: {} } }],
  ...more,
});
const definition = (change: object = {}) => ({
  format: 'wapas.journey/1',
  key: 'bad',
  name: 'bad',
  trigger: { event: 'Bad Begun' },
  correlateBy: ['order'],
  goal: { events: ['Bad Done'], by: ['order'] },
  window: '24h',
  holdoutPercent: 0,
  steps: [sms('first', '1m'), sms('second', '10m')],
  ...change,
});

const IN_IST = [sms('first', '1m', { hours: { from: '00:00', to: '23:59', zone: 'IST' } })];

let world: World;
let admin: string;
const folder = mkdtempSync(join(tmpdir(), 'wapas-journeys-'));
beforeAll(async () => {
  writeFileSync(join(folder, 'broken.yaml'), 'format: wapas.journey/1\nkey: broken\nsteps: [\n');
  writeFileSync(join(folder, 'faulty.json'), JSON.stringify(definition({ key: 'faulty', goal: undefined })));
  writeFileSync(
    join(folder, 'missing.json'),
    JSON.stringify(definition({ key: 'missing', trigger: { event: 'Missing Begun' }, window: '0s' })),
  );
  writeFileSync(join(folder, 'abbreviated.json'), JSON.stringify(definition({ key: 'abbreviated', steps: IN_IST })));
  writeFileSync(
    join(folder, 'healthy.json'),
    JSON.stringify(definition({ key: 'healthy', trigger: { event: 'Healthy Begun' } })),
  );
  mkdirSync(join(folder, 'folder.yaml'));
  symlinkSync(join(folder, 'gone.yaml'), join(folder, 'link.yaml'));
  world = await World.start({ env: { WAPAS_JOURNEYS_DIR: folder } });
  admin = await world.key(['admin']);
});
afterAll(async () => {
  await world?.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function call(method: string, path: string, body?: unknown) {
  const response = await fetch(`${world.url}/v1/${path}`, {
    method,
    headers: { authorization: `Bearer ${admin}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    body: body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body),
  });
  const text = await response.text();
  return {
    status: response.status,
    body: (text === '' ? {} : JSON.parse(text)) as { faults?: { at: string; code: string; detail: string }[] },
  };
}
/** Writes it as a draft, tries to publish it, and gives what is said against it. */
async function refusal(value: unknown): Promise<{ status: number; said: string[] }> {
  const draft = await call('PUT', 'journeys/bad/draft', value);
  if (draft.status !== 200)
    return { status: draft.status, said: (draft.body.faults ?? []).map(({ at, code }) => `${at} ${code}`) };
  const { status, body } = await call('POST', 'journeys/bad/versions', {});
  for (const { detail } of body.faults ?? []) expect(detail).toMatch(/^\S.*\.$/);
  return { status, said: (body.faults ?? []).map(({ at, code }) => `${at} ${code}`) };
}
const where = (condition: object) => definition({ trigger: { event: 'Bad Begun', where: [condition] } });

describe('a definition is refused with the place, the reason and the mend', () => {
  it.each<[string, unknown, number, string[]]>([
    ['67 duplicate steps, and a step that can only be asked about itself', definition({ steps: [sms('a', '1m', { unless: [{ step: 'a', signal: 'read' }] }), sms('a', '2m')] }), 422, ['/steps/0/unless/0/step unknown_step', '/steps/1/key duplicate_step']], // prettier-ignore
    ['67 a circle of steps that ask about one another', definition({ steps: [sms('a', '1m', { if: [{ step: 'b', signal: 'read' }] }), sms('b', '2m', { if: [{ step: 'a', signal: 'read' }] })] }), 422, ['/steps/0/if/0/step unknown_step']], // prettier-ignore
    ['68 a delay of 0', definition({ steps: [sms('a', '0s')] }), 422, ['/steps/0/after delay_out_of_range']],
    ['68 a delay of -1', definition({ steps: [sms('a', '-1s')] }), 422, ['/steps/0/after bad_value']],
    ['68 a delay of 1e12 ms', definition({ steps: [sms('a', '1000000000s')] }), 422, ['/steps/0/after bad_value']],
    ['68 a delay of 400 days', definition({ window: '30d', steps: [sms('a', '400d')] }), 422, ['/steps/0/after delay_out_of_range', '/steps/0/after step_after_window']], // prettier-ignore
    ['69 10,000 steps', definition({ steps: Array.from({ length: 10_000 }, (_one, n) => sms(`s${n}`, `${n + 1}s`)) }), 413, []],
    ['69 5 MB', definition({ description: 'x'.repeat(5_000_000) }), 413, []],
    ['70 one moment for two channels, not said', definition({ steps: [sms('a', '1m'), sms('b', '1m')] }), 422, ['/steps/1/after steps_out_of_order']], // prettier-ignore
    ['71 no goal', definition({ goal: undefined }), 422, ['/goal missing_field']],
    ['71 a goal of nothing', definition({ goal: { events: [], by: ['order'] } }), 422, ['/goal/events bad_value']],
    ['72 a regular expression', where({ field: 'name', matches: '(a+)+$' }), 422, ['/trigger/where/0/matches unknown_field']],
    ['73 a path to internals', where({ field: 'a.constructor.constructor', exists: true }), 422, ['/trigger/where/0/field unknown_fact']], // prettier-ignore
    ['73 a key that reaches for a prototype', JSON.stringify(definition()).replace('{', '{"__proto__":{"window":"1h"},'), 422, ['/ forbidden_key', '/__proto__ unknown_field']], // prettier-ignore
    ['76 an SMS without DLT id', definition({ steps: [sms('a', '1m', { messages: [{ template: { variables: {} } }] })] }), 422, ['/steps/0/messages/0/template/id bad_template']], // prettier-ignore
    ['76 a WhatsApp message without the name of an approved template', definition({ steps: [sms('a', '1m', { channel: 'whatsapp', messages: [{ template: { body: [] } }] })] }), 422, ['/steps/0/messages/0/template/name bad_template', '/steps/0/messages/0/template/language bad_template']], // prettier-ignore
    ['no goal, and an SMS without DLT id: both at once', definition({ goal: undefined, steps: [sms('a', '1m', { messages: [{ template: { variables: {} } }] })] }), 422, ['/goal missing_field', '/steps/0/messages/0/template/id bad_template']], // prettier-ignore
    ['a delay of 0, and an SMS without DLT id: both at once', definition({ steps: [sms('a', '0s', { messages: [{ template: { variables: {} } }] })] }), 422, ['/steps/0/after delay_out_of_range', '/steps/0/messages/0/template/id bad_template']], // prettier-ignore
    ['a name that is a number, a goal that is the trigger, a cart without an order: all at once', definition({ name: 7, correlateBy: ['cart'], goal: { events: ['Bad Begun'], by: ['cart'] }, steps: [sms('a', '1m', { mandatory: 'no' })] }), 422, ['/name bad_value', '/steps/0/mandatory bad_value', '/goal/events goal_is_trigger', '/steps/0/messages/0/template cart_is_marketing']], // prettier-ignore
    ['a character that cannot be kept, and no goal: both at once', definition({ description: 'a\u0000b', goal: undefined }), 422, ['/description nul_character', '/goal missing_field']], // prettier-ignore
    ['a list: that it is one, and nothing else', [], 422, ['/ not_an_object']],
    ['a channel that nobody serves, once', definition({ steps: [sms('a', '1m', { channel: 'pigeon' })] }), 422, ['/steps/0/channel unknown_channel']], // prettier-ignore
    ['a channel that nobody serves, and no messages', definition({ steps: [sms('a', '1m', { channel: 'pigeon', messages: [] })] }), 422, ['/steps/0/messages bad_value', '/steps/0/channel unknown_channel']], // prettier-ignore
    ['a channel in capitals: that it is none, and nothing else', definition({ steps: [sms('a', '1m', { channel: 'SMS' })] }), 422, ['/steps/0/channel bad_value']], // prettier-ignore
  ])('%s', async (_line, value, status, said) => {
    const answer = await refusal(value);
    expect(answer.status).toBe(status);
    if (said.length > 0) expect(answer.said).toEqual(said);
  });

  it('70 one moment for two channels, when it is said', async () => {
    expect(await refusal(definition({ steps: [sms('a', '1m'), sms('b', '1m', { together: true })] }))).toEqual({
      status: 201,
      said: [],
    });
  });
});

async function happens(event: string, order: string): Promise<void> {
  const person = { customerId: `c_${order}`, phone: `+9196${order.replace(/\D/g, '').padStart(8, '1')}` };
  expect((await call('POST', 'events', { event, person, keys: { order } })).status).toBe(202);
  await world.settled();
}
const forward = async (length: number): Promise<void> => {
  await world.clock.startAt((world.clock.now() + length) as never, 0);
  await world.settled();
};
const runsOf = (key: string) =>
  world.sql<{ version: number; ended: boolean }>(
    `select version, ended_at is not null as ended from run where journey_key = $1 order by started_at, id`,
    [key],
  );
async function publish(key: string, steps: object[]): Promise<void> {
  await call('PUT', `journeys/${key}/draft`, definition({ key, trigger: { event: `${key} begun` }, steps }));
  expect((await call('POST', `journeys/${key}/versions`, {})).status).toBe(201);
}

it('74 an edit moves nobody: runs stay on their version', async () => {
  await publish('edited', [sms('a', '5m')]);
  for (const number of [1, 2, 3]) await happens('edited begun', `o74${number}`);
  await publish('edited', [sms('b', '5m')]);
  await happens('edited begun', 'o744');
  expect((await runsOf('edited')).map(({ version }) => version)).toEqual([1, 1, 1, 2]);
});

it('75 a step that the next version has dropped is finished by those who are on it', async () => {
  await publish('dropped', [sms('a', '1m'), sms('b', '5m')]);
  await happens('dropped begun', 'o751');
  await publish('dropped', [sms('a', '1m')]);
  await forward(minutes(1));
  await forward(minutes(4));
  const steps = await world.sql<{ step: string; state: string }>(
    `select step, state from message where journey_key = 'dropped' order by step`,
  );
  expect(steps).toEqual([
    { step: 'a', state: 'sent' },
    { step: 'b', state: 'sent' },
  ]);
});

it('77 published twice at once: one version', async () => {
  await call('PUT', 'journeys/racing/draft', definition({ key: 'racing' }));
  const answers = await Promise.all([1, 2, 3].map(() => call('POST', 'journeys/racing/versions', {})));
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
  const versions = await world.sql(`select version from journey_version where key = 'racing'`);
  expect(versions).toHaveLength(1);
});

it('78 a journey that is paused with due timers sends none of them', async () => {
  await publish('disabled', [sms('a', '1m')]);
  await happens('disabled begun', 'o781');
  await call('POST', 'journeys/disabled/pause');
  await forward(minutes(1));
  expect(await world.sql(`select 1 as one from message where journey_key = 'disabled'`)).toEqual([]);
  expect(await runsOf('disabled')).toEqual([{ version: 1, ended: false }]);
});

it('79 quiet hours across midnight in India have their edges where they belong', async () => {
  const quiet = { from: '08:00', to: '22:00', zone: 'Asia/Kolkata', outside: 'hold' };
  const steps = [sms('a', '1m', { hours: quiet, maxDelay: '12h' })];
  const told = async (start: string): Promise<string[]> => {
    const { body } = await call('POST', 'journeys/x/simulate', { definition: definition({ steps }), start });
    return (body as { timeline: { what: string; words?: string }[] }).timeline.flatMap(({ words }) => words ?? []);
  };
  expect((await told('2026-11-23T21:58:59+05:30'))[0]).toBe('send a until T+12h1m');
  expect((await told('2026-11-23T21:59:00+05:30'))[0]).toBe('hold a to T+10h1m: outside_hours');
  expect((await told('2026-11-24T00:30:00+05:30'))[0]).toBe('hold a to T+7h30m: outside_hours');
  expect((await told('2026-11-24T07:59:00+05:30'))[0]).toBe('send a until T+12h1m');
});

it('a broken file, or one that cannot be opened, takes no healthy journey down, and shows in the health body and the API', async () => {
  const listed = (await call('GET', 'journeys')).body as unknown as { journeys: { key: string }[]; broken: { file: string; faults: { at: string }[] }[] }; // prettier-ignore
  expect(listed.journeys.map(({ key }) => key)).toContain('healthy');
  expect(listed.broken.map(({ file }) => file)).toEqual([
    'abbreviated.json',
    'broken.yaml',
    'faulty.json',
    'folder.yaml',
    'link.yaml',
    'missing.json',
  ]);
  expect(listed.broken[0]?.faults).toMatchObject([{ at: '/steps/0/hours/zone', code: 'unknown_zone' }]);
  expect(listed.broken[1]?.faults).toMatchObject([
    { at: '/', code: 'not_yaml', detail: expect.stringContaining('at line 4') as string },
  ]);
  expect(listed.broken[2]?.faults.map(({ at }) => at)).toEqual(['/goal']);
  for (const [index, why] of ['EISDIR', 'ENOENT'].entries())
    expect(listed.broken[3 + index]?.faults).toMatchObject([{ at: '/', code: 'not_readable', detail: expect.stringContaining(why) as string }]); // prettier-ignore
  const health = (await (await fetch(`${world.url}/health/ready`)).json()) as { attention: string[] };
  expect(health.attention.filter((line) => line.includes('was refused'))).toHaveLength(6);
  await happens('Healthy Begun', 'o999');
  await forward(minutes(1));
  await until(async () => (await world.sql(`select 1 as one from message where journey_key = 'healthy' and state = 'sent'`)).length === 1, 'the healthy journey'); // prettier-ignore
});

it('whoever asks why nothing was started is told that the file of the journey was refused, until a version of it is in force', async () => {
  const person = { customerId: 'missed', phone: '+919812300077' };
  const begin = async (order: string): Promise<string[]> => {
    const body = { event: 'Missing Begun', person, keys: { order } };
    expect((await call('POST', 'events', body)).status).toBe(202);
    await world.settled();
    const found = (await call('GET', 'people?customerId=missed')).body as unknown as { people: { id: string }[] };
    const { timeline } = (await call('GET', `people/${found.people[0]?.id}/timeline`)).body as unknown as {
      timeline: { what: string; journey?: string; reason?: string }[];
    };
    return timeline.flatMap(({ what, journey, reason }) => (journey === 'missing' ? [`${what} ${reason ?? ''}`.trim()] : []));
  };
  expect(await begin('missing_1')).toEqual(['not_entered journey_file_refused']);
  const sound = definition({ key: 'missing', trigger: { event: 'Missing Begun' } });
  expect((await call('PUT', 'journeys/missing/draft', sound)).status).toBe(200);
  expect((await call('POST', 'journeys/missing/versions', {})).status).toBe(201);
  expect(await begin('missing_2')).toEqual(['not_entered journey_file_refused', 'entered']);
});

it('a version that was published with an abbreviation for a zone goes on as it did, although none could be published any more', async () => {
  const value = definition({ key: 'abbreviated', trigger: { event: 'Abbreviated Begun' }, steps: IN_IST });
  await world.sql(
    `insert into journey_version (key, version, definition, content_hash, published_at) values ('abbreviated', 1, $1, 'x', business_now())`,
    [JSON.stringify(value)],
  );
  await until(async () => (await call('GET', 'journeys/abbreviated/versions')).status === 200, 'the version');
  await happens('Abbreviated Begun', 'o998');
  await forward(minutes(1));
  await until(async () => (await world.sql(`select 1 as one from message where journey_key = 'abbreviated' and state = 'sent'`)).length === 1, 'the message'); // prettier-ignore
  expect((await call('PUT', 'journeys/abbreviated/draft', value)).body.faults).toMatchObject([
    { at: '/steps/0/hours/zone', code: 'unknown_zone' },
  ]);
});

it('a file that has not changed does not take back what was published through the API', async () => {
  await publish('healthy', [sms('other', '1m')]);
  const url = await world.startAnother();
  const versions = await fetch(`${url}/v1/journeys/healthy/versions`, { headers: { authorization: `Bearer ${admin}` } });
  expect(((await versions.json()) as { versions: { version: number }[] }).versions.map(({ version }) => version)).toEqual([2, 1]);
});
