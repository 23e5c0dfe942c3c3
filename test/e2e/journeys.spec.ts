import { hours, minutes } from '@wapas/kernel';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { definitionSchema } from '../../src/journeys/rules/definition-schema';
import { Catalogue } from '../../src/journeys/catalogue';
import { AuditRuns } from '../../src/journeys/audit-runs';
import { journeysRetention } from '../../src/journeys/store/retention.store';
import { msg91Says } from '../support/vendors';
import { until, World } from '../support/world';

let world: World;
let admin: string;
let reader: string;
let ingest: string;
beforeAll(async () => {
  world = await World.start();
  admin = await world.key(['admin']);
  reader = await world.key(['read']);
  ingest = await world.key(['ingest']);
});
afterAll(() => world?.stop());

interface Answer {
  status: number;
  body: Record<string, never> & { code?: string; faults?: { at: string; code: string; detail: string }[] };
}
async function call(method: string, path: string, body?: unknown, key = admin): Promise<Answer> {
  const response = await fetch(`${world.url}/v1/${path}`, {
    method,
    headers: { authorization: `Bearer ${key}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await response.text();
  return { status: response.status, body: (text === '' ? {} : JSON.parse(text)) as Answer['body'] };
}

const sms = (key: string, after: string) => ({
  key,
  after,
  channel: 'sms',
  messages: [{ template: { id: '64f0c0ffee00000000000009', variables: { ref: '{{keys.order}}' } } }],
});
/** A journey of two SMS, started by an event of its own. */
const definition = (key: string, change: object = {}) => ({
  format: 'wapas.journey/1',
  key,
  name: key,
  trigger: { event: `${key} begun` },
  correlateBy: ['order'],
  goal: { events: [`${key} done`], by: ['order'] },
  window: '24h',
  holdoutPercent: 0,
  steps: [sms('first', '1m'), sms('second', '10m')],
  ...change,
});
async function release(key: string, how: object = {}, change: object = {}): Promise<void> {
  expect((await call('PUT', `journeys/${key}/draft`, definition(key, change))).body).toMatchObject({ state: 'validated' });
  expect((await call('POST', `journeys/${key}/versions`, how)).status).toBe(201);
}

let next = 0;
const somebody = () => {
  next += 1;
  return { order: `jo_${next}`, phone: `+9197${String(10_000_000 + next)}`, customer: `jc_${next}` };
};
type Somebody = ReturnType<typeof somebody>;
async function happens(event: string, { order, phone, customer }: Somebody, more: object = {}): Promise<void> {
  const body = {
    event,
    person: { customerId: customer, phone },
    keys: { order },
    occurredAt: new Date(world.clock.now()).toISOString(),
    ...more,
  };
  expect((await call('POST', 'events', body, ingest)).status).toBe(202);
  await world.settled();
}
const forward = async (length: number): Promise<void> => {
  await world.clock.startAt((world.clock.now() + length) as never, 0);
  await world.settled();
};
const received = ({ phone }: Somebody): number =>
  world.sandbox.ledger.entries().filter((entry) => entry.accepted && entry.address.endsWith(phone.slice(1))).length;
async function decisions({ customer }: Somebody): Promise<string[]> {
  const people = (await call('GET', `people?customerId=${customer}`)).body as unknown as { people: { id: string }[] };
  const story = (await call('GET', `people/${people.people[0]?.id}/timeline`)).body as unknown as {
    timeline: { what: string; outcome: string; step?: string; reason?: string }[];
  };
  return story.timeline
    .filter(({ what }) => ['decided', 'not_entered', 'ended'].includes(what))
    .map(({ outcome, step, reason }) => [outcome, step, reason].filter(Boolean).join(' '));
}

describe('a journey comes into force', () => {
  it('a draft is kept with everything that is wrong with it, and is not published before it is sound', async () => {
    const broken = { ...definition('drafted'), window: '0s', steps: [sms('first', '2h'), sms('first', '1h')] };
    const draft = await call('PUT', 'journeys/drafted/draft', broken);
    expect(draft.body).toMatchObject({ state: 'draft' });
    expect(draft.body.faults?.map(({ at }) => at)).toEqual(expect.arrayContaining(['/window', '/steps/1/key', '/steps/1/after']));
    const refused = await call('POST', 'journeys/drafted/versions', {});
    expect(refused).toMatchObject({ status: 422, body: { faults: draft.body.faults } });
    expect((await call('GET', 'journeys/drafted/versions')).status).toBe(404);
    expect((await call('PUT', 'journeys/drafted/draft', definition('another'))).body.faults).toMatchObject([{ at: '/key' }]);
  });

  it('two who publish one draft at the same moment publish one version', async () => {
    await call('PUT', 'journeys/twice/draft', definition('twice'));
    const answers = await Promise.all([1, 2, 3, 4].map(() => call('POST', 'journeys/twice/versions', {})));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 404, 404, 404]);
    expect((await call('GET', 'journeys/twice/versions')).body).toMatchObject({ versions: [{ version: 1 }] });
  });

  it('who has entered stays on their version; the difference and who made it can be read', async () => {
    await release('pinned');
    const early = somebody();
    await happens('pinned begun', early);
    await release('pinned', {}, { steps: [sms('first', '1m'), sms('second', '3h')] });
    const late = somebody();
    await happens('pinned begun', late);
    await forward(minutes(1));
    await forward(minutes(10));
    expect([received(early), received(late)]).toEqual([2, 1]);
    expect((await call('GET', 'journeys/pinned/diff?from=1&to=2')).body).toEqual({
      differences: [{ at: '/steps/second/after', before: '10m', after: '3h' }],
    });
    const acts = (await call('GET', 'journeys/pinned/audit')).body as unknown as { entries: { act: string; actor: string }[] };
    expect(acts.entries.map(({ act }) => act)).toEqual(['published', 'drafted', 'published', 'drafted']);
    expect(acts.entries[0]?.actor).toMatch(/^[0-9a-f]{16}$/);
  });

  it('only an admin changes anything', async () => {
    const tried = await Promise.all([
      call('PUT', 'journeys/pinned/draft', definition('pinned'), reader),
      call('POST', 'journeys/pinned/pause', undefined, reader),
      call('PUT', 'operations/stop', undefined, ingest),
    ]);
    expect(tried.map(({ status }) => status)).toEqual([403, 403, 403]);
  });

  it('the schema of the format needs no key, and the file beside the journeys is the same', async () => {
    const served = await (await fetch(`${world.url}/v1/journeys/schema`)).json();
    expect(served).toEqual(JSON.parse(JSON.stringify(definitionSchema)));
    const file = readFileSync(join(__dirname, '../../src/journeys/journey.schema.json'), 'utf8');
    expect(JSON.parse(file)).toEqual(served);
  });
});

describe('a journey is let out step by step', () => {
  it('in shadow everything is decided, nothing is sent, and no report counts it', async () => {
    await release('shadowed', { mode: 'shadow' });
    const asha = somebody();
    await happens('shadowed begun', asha);
    await forward(minutes(1));
    await forward(minutes(10));
    expect(received(asha)).toBe(0);
    expect(await decisions(asha)).toEqual(['ghost first shadow', 'ghost second shadow']);
    const [counted] = await world.sql<{ n: number }>(`select count(*)::int as n from outcome where journey_key = 'shadowed'`);
    expect(counted?.n).toBe(0);
    expect((await call('PUT', 'journeys/shadowed/versions/1/release', { mode: 'live' })).status).toBe(204);
    const ravi = somebody();
    await happens('shadowed begun', ravi);
    await forward(minutes(1));
    expect(received(ravi)).toBe(1);
  });

  it('a run in shadow says so, and why each of its messages stayed a ghost', async () => {
    await release('overcast', { mode: 'shadow' });
    const asha = somebody();
    await happens('overcast begun', asha);
    await forward(minutes(1));
    const [run] = await world.sql<{ id: string }>(`select id from run where journey_key = 'overcast'`);
    const { body } = await call('GET', `runs/${run?.id}`);
    expect(body).toMatchObject({ shadow: true });
    const { timeline } = body as unknown as { timeline: { what: string; outcome: string; reason?: string; detail?: object }[] };
    expect(timeline.find(({ what }) => what === 'entered')).toMatchObject({ detail: { shadow: true } });
    expect(timeline.find(({ outcome }) => outcome === 'ghost')).toMatchObject({ reason: 'shadow' });
  });

  it('what a release leaves out stays as it is: a share raised in shadow sends nothing, and who goes live goes no further', async () => {
    await release('careful', { mode: 'shadow', share: 10 });
    const out = async (change: object) => {
      expect((await call('PUT', 'journeys/careful/versions/1/release', change)).status).toBe(204);
      const { versions } = (await call('GET', 'journeys/careful/versions')).body as unknown as { versions: object[] };
      return versions[0];
    };
    expect(await out({ share: 50 })).toMatchObject({ mode: 'shadow', share: 50 });
    expect(await out({ mode: 'live' })).toMatchObject({ mode: 'live', share: 50 });
    expect(await out({})).toMatchObject({ mode: 'live', share: 50 });
    const acts = (await call('GET', 'journeys/careful/audit')).body as unknown as { entries: { detail: object }[] };
    expect(acts.entries[1]).toMatchObject({ act: 'released', detail: { mode: 'live', share: 50 } });
  });

  it('outside the share people enter the version before, and nothing where there is none', async () => {
    await release('shared', { share: 0 });
    const none = somebody();
    await happens('shared begun', none);
    expect(await decisions(none)).toEqual(['not_entered outside_share']);
    expect((await call('PUT', 'journeys/shared/versions/1/release', { share: 100 })).status).toBe(204);
    await release('shared', { share: 0 }, { steps: [sms('other', '1m')] });
    const old = somebody();
    await happens('shared begun', old);
    await forward(minutes(1));
    expect(await decisions(old)).toEqual(['send first']);
  });
});

describe('a journey is stopped', () => {
  it('paused: due timers send nothing, people are kept, the goal still ends, and afterwards it goes on', async () => {
    await release('paused');
    const [asha, ravi] = [somebody(), somebody()];
    await happens('paused begun', asha);
    await happens('paused begun', ravi);
    expect((await call('POST', 'journeys/paused/pause')).status).toBe(204);
    await forward(minutes(2));
    expect([received(asha), received(ravi)]).toEqual([0, 0]);
    const late = somebody();
    await happens('paused begun', late);
    expect(await decisions(late)).toEqual(['not_entered journey_paused']);
    await happens('paused done', ravi);
    expect((await call('POST', 'journeys/paused/resume')).status).toBe(204);
    await until(() => received(asha) === 1, 'the paused message');
    await world.settled();
    expect(await decisions(asha)).toEqual(['park journey_paused', 'send first']);
    expect(received(ravi)).toBe(0);
  });

  it('left paused, it keeps nobody longer than the window of their run, nor what is known of them', async () => {
    await release('forgotten');
    const asha = somebody();
    await happens('forgotten begun', asha);
    expect((await call('POST', 'journeys/forgotten/pause')).status).toBe(204);
    await forward(minutes(2));
    await forward(hours(24));
    const over = ['expire first window_over', 'expire second window_over', 'window_over'];
    expect(await decisions(asha)).toEqual(['park journey_paused', ...over]);
    const [retiring] = journeysRetention;
    const facts = (state: string) => world.sql(`select from run where journey_key = 'forgotten' and sealed is not null ${state}`);
    expect(await facts('')).toHaveLength(1);
    await world.database.query(retiring?.sql as never, ['-infinity', new Date(world.clock.now()), 1_000]);
    expect(await facts('')).toEqual([]);
    expect((await call('POST', 'journeys/forgotten/resume')).status).toBe(204);
    await world.settled();
    expect([received(asha), await decisions(asha)]).toEqual([0, ['park journey_paused', ...over]]);
  });

  it('who wants to stop one channel alone is refused, for the kill switch stops everything', async () => {
    expect((await call('PUT', 'operations/stop?channel=sms')).status).toBe(422);
    expect((await call('GET', 'operations/stop')).body).toEqual({ stops: [] });
  });

  it('what happened to a journey that was never there is not found', async () =>
    expect((await call('GET', 'journeys/never_there/audit')).status).toBe(404));

  it('the kill switch stops what is planned already, and lets it go afterwards', async () => {
    await release('killed');
    const asha = somebody();
    await happens('killed begun', asha);
    expect((await call('PUT', 'operations/stop', { reason: 'wrong prices' })).status).toBe(204);
    // Twice by two people at once, or by one who is in doubt: who stopped it, and why, stays as it was.
    expect((await call('PUT', 'operations/stop', { reason: 'are they?' })).status).toBe(204);
    await world.clock.startAt((world.clock.now() + minutes(1)) as never, 0);
    await until(async () => (await decisions(asha)).includes('send first'), 'the decision');
    expect((await call('GET', 'operations/stop')).body).toMatchObject({ stops: [{ scope: 'all' }] });
    const [planned] = await world.sql<{ state: string }>(`select m.state from message m where m.journey_key = 'killed'`);
    expect([planned?.state, received(asha)]).toEqual(['planned', 0]);
    expect((await call('DELETE', 'operations/stop?reason=mended')).status).toBe(204);
    const { entries } = (await call('GET', 'operations/audit')).body as unknown as { entries: { act: string }[] };
    const by = expect.stringMatching(/^[0-9a-f]{16}$/) as unknown;
    expect(entries.filter(({ act }) => act !== 'key_made')).toEqual([
      { act: 'sending_resumed', subject: null, actor: by, reason: 'mended', at: expect.any(String) as unknown },
      { act: 'sending_stopped', subject: null, actor: by, reason: 'wrong prices', at: expect.any(String) as unknown },
    ]);
    await world.sql(`update message set offer_at = clock_timestamp() where journey_key = 'killed' and state = 'planned'`);
    await until(() => received(asha) === 1, 'the message that waited');
    expect((await call('DELETE', 'operations/stop')).status).toBe(404);
  });

  it('what was planned before its author’s hours closed does not go out after them, because sending was stopped meanwhile', async () => {
    const local = new Date(world.clock.now() + minutes(330)).toISOString().slice(11, 16);
    const closes = new Date(world.clock.now() + minutes(332)).toISOString().slice(11, 16);
    const hours = { from: local, to: closes, outside: 'expire' };
    await release('nightly', {}, { steps: [{ ...sms('first', '1m'), hours }, sms('second', '10m')] });
    const asha = somebody();
    await happens('nightly begun', asha);
    expect((await call('PUT', 'operations/stop')).status).toBe(204);
    await world.clock.startAt((world.clock.now() + minutes(1)) as never, 0);
    await until(async () => (await decisions(asha)).includes('send first'), 'the decision');
    await world.clock.startAt((world.clock.now() + minutes(2)) as never, 0);
    expect((await call('DELETE', 'operations/stop')).status).toBe(204);
    await world.sql(`update message set offer_at = clock_timestamp() where journey_key = 'nightly' and state = 'planned'`);
    const what = async () =>
      (
        await world.sql<{ what: string }>(
          `select state || ' ' || reason as what from message where journey_key = 'nightly' and reason is not null`,
        )
      )[0]?.what;
    await until(async () => (await what()) !== undefined, 'the message to be given up');
    expect([await what(), received(asha)]).toEqual(['expired outside_hours', 0]);
  });

  it('archived: nobody enters, who is under way finishes', async () => {
    await release('archived');
    const asha = somebody();
    await happens('archived begun', asha);
    expect((await call('POST', 'journeys/archived/archive')).status).toBe(204);
    const ravi = somebody();
    await happens('archived begun', ravi);
    await forward(minutes(1));
    expect([received(asha), received(ravi)]).toEqual([1, 0]);
  });

  it('an archived journey is not paused by mistake: taking it up again would let people in', async () => {
    await release('put_away');
    await call('POST', 'journeys/put_away/archive');
    const { status, body } = await call('POST', 'journeys/put_away/pause');
    expect([status, body.code]).toEqual([409, 'journey_archived']);
    expect(body.detail).toContain('/v1/journeys/put_away/resume');
    expect((await call('GET', 'journeys/put_away/versions')).body).toMatchObject({ standing: 'archived' });
    expect((await call('POST', 'journeys/put_away/resume')).status).toBe(204);
    expect((await call('POST', 'journeys/put_away/pause')).status).toBe(204);
    expect((await call('POST', 'journeys/put_away/pause')).status).toBe(204);
    expect((await call('POST', 'journeys/put_away/archive')).status).toBe(204);
  });

  it('what keeps two versions from being compared names the parameter', async () => {
    await release('compared');
    const said = async (query: string) => {
      const { status, body } = await call('GET', `journeys/compared/diff${query}`);
      const faults = (body.faults ?? []).map(({ at, code }) => `${at} ${code}`);
      return [status, ...(faults.length > 0 ? faults : [body.detail])];
    };
    expect(await said('')).toEqual([422, 'from missing_field', 'to missing_field']);
    expect(await said('?from=1')).toEqual([422, 'to missing_field']);
    expect(await said('?from=one&to=0')).toEqual([422, 'from bad_type', 'to out_of_range']);
    expect(await said('?from=1&to=9')).toEqual([
      404,
      'There is no version 9, which `to` asks for. GET /v1/journeys/compared/versions lists them.',
    ]);
    expect(await said('?from=1&to=1')).toEqual([200, undefined]);
    expect((await call('GET', 'journeys/nowhere/diff?from=1&to=2')).status).toBe(404);
  });
});

describe('what a journey can say, on real rows', () => {
  it('an uncertain trigger waits, and begins when it is confirmed', async () => {
    await release('held', {}, { hold: { for: '10m', confirmedBy: ['held sure'] } });
    const asha = somebody();
    await happens('held begun', asha);
    await forward(minutes(5));
    expect(await decisions(asha)).toEqual([]);
    await happens('held sure', asha);
    await forward(minutes(1));
    expect(await decisions(asha)).toEqual(['begin confirmed', 'send first']);
    expect(received(asha)).toBe(1);
  });

  it('a further attempt begins a new lap, in which each step is sent once more', async () => {
    await release('lapped', {}, { attempts: 'restart' });
    const asha = somebody();
    await happens('lapped begun', asha);
    await forward(minutes(1));
    await happens('lapped begun', asha);
    await forward(minutes(1));
    expect(await decisions(asha)).toEqual(['send first', 'attach', 'restart another_attempt', 'send first']);
    expect(received(asha)).toBe(2);
  });

  it('a new lap takes back what the lap before had planned', async () => {
    await release('relapsed', {}, { attempts: 'restart' });
    const asha = somebody();
    await happens('relapsed begun', asha);
    expect((await call('PUT', 'operations/stop')).status).toBe(204);
    const decided = (times: number) =>
      until(async () => (await decisions(asha)).filter((line) => line === 'send first').length === times, 'the decision');
    await world.clock.startAt((world.clock.now() + minutes(1)) as never, 0);
    await decided(1);
    const again = {
      event: 'relapsed begun',
      person: { customerId: asha.customer, phone: asha.phone },
      keys: { order: asha.order },
    };
    expect((await call('POST', 'events', again, ingest)).status).toBe(202);
    await until(async () => (await decisions(asha)).includes('restart another_attempt'), 'the new lap');
    await world.clock.startAt((world.clock.now() + minutes(1)) as never, 0);
    await decided(2);
    expect((await call('DELETE', 'operations/stop')).status).toBe(204);
    // A worker that read the stop a moment ago lets the message lie for half a minute.
    const offered = `update message set offer_at = clock_timestamp() where state = 'planned'`;
    await until(async () => (await world.sql(offered)) && received(asha) > 0, 'the message of the new lap');
    await world.settled();
    const messages = await world.sql(`select lap, state, reason from message where journey_key = 'relapsed' order by lap`);
    expect(messages).toEqual([
      { lap: 1, state: 'skipped', reason: 'restarted' },
      { lap: 2, state: 'sent', reason: null },
    ]);
    expect(received(asha)).toBe(1);
  });

  it('a failure of an earlier lap brings no step of this one forward, one of its own does', async () => {
    await release('belated', {}, { attempts: 'restart' });
    await world.control('mode', { vendor: 'msg91', receipts: 'none' });
    const asha = somebody();
    await happens('belated begun', asha);
    await forward(minutes(1));
    await happens('belated begun', asha);
    await forward(minutes(1));
    const sent = await world.sql<{ vendorId: string }>(
      `select vendor_id as "vendorId" from message where journey_key = 'belated' order by lap`,
    );
    const before = await decisions(asha);
    const fails = async (lap: number): Promise<void> => {
      const report = {
        requestId: sent[lap - 1]?.vendorId,
        status: '2',
        number: asha.phone.slice(1),
        date: '2026-11-23 11:20:00',
      };
      expect(await msg91Says(world, report)).toBe(200);
      await world.settled();
    };
    await fails(1);
    expect(await decisions(asha)).toEqual(before);
    await fails(2);
    expect(await decisions(asha)).toEqual([...before, 'advance second first_refused']);
    await world.control('mode', { vendor: 'msg91', receipts: 'normal' });
  });

  it('a goal with conditions that was heard of before its trigger lets nobody in, and one that says something else does', async () => {
    const same = [{ field: 'properties.itemIds', sameAs: 'properties.itemIds' }];
    const goal = { events: ['early done'], by: ['order'], or: [{ events: ['early bought'], by: ['customer'], where: same }] };
    await release('early', {}, { goal });
    const [asha, ravi] = [somebody(), somebody()];
    const begunAt = new Date(world.clock.now() - minutes(5)).toISOString();
    const begun = { occurredAt: begunAt, properties: { itemIds: ['sku_1', 'sku_2'] } };
    await happens('early bought', { ...asha, order: 'jo_e1' }, { properties: { itemIds: ['sku_2'] } });
    await happens('early begun', asha, begun);
    await happens('early bought', { ...ravi, order: 'jo_e2' }, { properties: { itemIds: ['sku_9'] } });
    await happens('early begun', ravi, begun);
    await forward(minutes(1));
    expect(await decisions(asha)).toEqual(['not_entered goal_already_reached']);
    expect(await decisions(ravi)).toEqual(['send first']);
  });

  it('who has taken back every channel of a journey is not let in; who took back another is', async () => {
    await release('agreed');
    const [asha, ravi] = [somebody(), somebody()];
    const taken = ({ customer, phone }: Somebody, channel: string) => ({
      person: { customerId: customer, phone },
      purpose: 'service',
      channel,
      state: 'withdrawn',
    });
    const consents = [taken(asha, 'sms'), taken(ravi, 'whatsapp')];
    expect((await call('POST', 'consents', { consents })).status).toBeLessThan(300);
    await happens('agreed begun', asha);
    await happens('agreed begun', ravi);
    await forward(minutes(1));
    expect(await decisions(asha)).toEqual(['not_entered consent_withdrawn']);
    expect(await decisions(ravi)).toEqual(['send first']);
  });

  it('another order of the customer with the same item is the goal; one with other items is not', async () => {
    const same = [{ field: 'properties.itemIds', sameAs: 'properties.itemIds' }];
    const goal = { events: ['likes done'], by: ['order'], or: [{ events: ['likes bought'], by: ['customer'], where: same }] };
    await release('likes', {}, { goal });
    const asha = somebody();
    await happens('likes begun', asha, { properties: { itemIds: ['sku_1', 'sku_2'] } });
    await happens('likes bought', { ...asha, order: 'jo_other' }, { properties: { itemIds: ['sku_9'] } });
    await forward(minutes(1));
    await happens('likes bought', { ...asha, order: 'jo_another' }, { properties: { itemIds: ['sku_2'] } });
    await forward(minutes(9));
    expect(await decisions(asha)).toEqual(['send first', 'goal_reached']);
    expect(received(asha)).toBe(1);
  });

  it('an exit by the customer ends it, and only by the keys it names', async () => {
    await release('exited', {}, { exits: [{ event: 'Ticket', reason: 'support_ticket', by: ['customer'] }] });
    const asha = somebody();
    await happens('exited begun', asha);
    await happens('Ticket', { ...somebody(), order: asha.order });
    await forward(minutes(1));
    await happens('Ticket', { ...somebody(), customer: asha.customer });
    expect(await decisions(asha)).toEqual(['send first', 'support_ticket']);
  });

  it('a goal after the window is a late success, once', async () => {
    await release('late', {}, { window: '30m' });
    const asha = somebody();
    await happens('late begun', asha);
    for (const length of [1, 9, 20]) await forward(minutes(length));
    await happens('late done', asha);
    await happens('late done', asha, { eventId: 'again' });
    expect((await decisions(asha)).sort()).toEqual(['late_goal', 'send first', 'send second', 'window_over']);
    const [run] = await world.sql<{ end_reason: string; ended: boolean }>(
      `select end_reason, ended_at is not null as ended from run where journey_key = 'late'`,
    );
    expect(run).toEqual({ end_reason: 'window_over', ended: true });
  });

  it('another due date of the same matter is another run', async () => {
    await release('dues', {}, { correlateWith: ['properties.due'] });
    const asha = somebody();
    await happens('dues begun', asha, { properties: { due: '2026-12-05' } });
    await happens('dues begun', asha, { properties: { due: '2027-01-05' } });
    await happens('dues begun', asha);
    const runs = await world.sql<{ n: number }>(`select count(*)::int as n from run where journey_key = 'dues'`);
    expect(runs[0]?.n).toBe(2);
    expect(await decisions(asha)).toEqual(['not_entered no_key_to_correlate']);
  });
});

describe('caps', () => {
  const runs = async (key: string, many: number, asha: Somebody): Promise<void> => {
    for (let number = 0; number < many; number += 1) await happens(`${key} begun`, { ...asha, order: `${asha.order}_${number}` });
    await forward(minutes(1));
  };

  it('four messages a day over all matters, however many are claimed at once; the rest says why and falls forward nowhere', async () => {
    await release('capped', {}, { steps: [sms('first', '1m'), { ...sms('second', '20h'), minDelay: '2m' }] });
    const asha = somebody();
    await runs('capped', 7, asha);
    expect(received(asha)).toBe(4);
    const capped = await world.sql<{ state: string; reason: string; n: number }>(
      `select state, reason, count(*)::int as n from message where journey_key = 'capped' group by 1, 2 order by 1 desc`,
    );
    expect(capped).toEqual([
      { state: 'skipped', reason: 'cap_of_person', n: 3 },
      { state: 'sent', reason: null, n: 4 },
    ]);
    expect((await decisions(asha)).filter((line) => line.startsWith('advance'))).toEqual([]);
  });

  it('one marketing message a day', async () => {
    const both = ['first', 'second'].map((key, n) => ({ ...sms(key, `${n + 1}m`), purpose: 'marketing' }));
    await release('adverts', {}, { steps: both });
    const asha = somebody();
    const agreed = {
      person: { customerId: asha.customer, phone: asha.phone },
      purpose: 'marketing',
      channel: 'sms',
      state: 'granted',
    };
    expect((await call('POST', 'consents', { consents: [agreed] })).status).toBeLessThan(300);
    await runs('adverts', 1, asha);
    await forward(minutes(1));
    const reasons = await world.sql<{ reason: string }>(`select reason from message where journey_key = 'adverts' order by step`);
    expect(reasons.map(({ reason }) => reason)).toEqual([null, 'cap_of_marketing_day']);
  });

  it('a mandatory notice goes out all the same', async () => {
    await release('notices', {}, { steps: [{ ...sms('first', '1m'), mandatory: true }] });
    const asha = somebody();
    await runs('notices', 6, asha);
    expect(received(asha)).toBe(6);
  });

  it('what was refused gives its place back', async () => {
    await release('returned');
    const asha = somebody();
    await runs('returned', 4, asha);
    await world.sql(
      `update message set state = 'rejected' where journey_key = 'returned' and id = (select min(id::text)::uuid from message where journey_key = 'returned')`,
    );
    await forward(minutes(9));
    expect(received(asha)).toBe(5);
  });
});

describe('a timeline', () => {
  it('says when somebody entered, not when their T began: before what the hold ended in, and before the messages of an earlier lap', async () => {
    const entered = async (key: string) => {
      const [run] = await world.sql<{ id: string }>(`select id from run where journey_key = $1`, [key]);
      const { timeline } = (await call('GET', `runs/${run?.id}`)).body as unknown as {
        timeline: { what: string; outcome: string }[];
      };
      return timeline.filter(({ what }) => ['entered', 'settled', 'ended'].includes(what)).map(({ outcome }) => outcome);
    };
    await release('waited', {}, { hold: { for: '10m' } });
    const asha = somebody();
    await happens('waited begun', asha);
    await forward(minutes(5));
    await happens('waited done', asha);
    expect(await entered('waited')).toEqual(['treated', 'goal_reached']);
    await release('anew', {}, { attempts: 'restart' });
    const ravi = somebody();
    await happens('anew begun', ravi);
    await forward(minutes(1));
    await happens('anew begun', ravi);
    await forward(minutes(1));
    expect(await entered('anew')).toEqual(['treated', 'sent', 'sent']);
  });
});

describe('a test run', () => {
  const counts = () =>
    world.sql<{ n: number }>(
      `select ((select count(*) from run) + (select count(*) from message) + (select count(*) from event) + (select count(*) from decision)
             + (select count(*) from person) + (select count(*) from link) + (select count(*) from bus_outbox))::int as n`,
    );

  it('tells when what would be sent and why not, and touches nothing', async () => {
    const before = await counts();
    const answer = await call(
      'POST',
      'journeys/payment_failed/simulate',
      {
        start: '2026-11-23T11:00:00+05:30',
        events: [
          { event: 'Payment Failed', person: { customerId: 'c', phone: '+919812345678' }, keys: { order: 'o' }, amount: { value: 149900, currency: 'INR' }, reason: { class: 'user_error' } }, // prettier-ignore
          { event: 'Payment Captured', keys: { order: 'o' }, occurredAt: '2026-11-23T13:30:00+05:30' },
        ],
        answers: [{ step: 'whatsapp', signal: 'read', after: '20m' }],
      },
      reader,
    );
    expect(answer.status).toBe(200);
    const told = (answer.body as unknown as { timeline: { offset?: string; words?: string; content?: object }[] }).timeline;
    expect(told.flatMap(({ offset, words }) => (words ? [`${offset} ${words}`] : []))).toEqual([
      'T+1m send push, message 4 until T+14m',
      'T+15m send whatsapp, message 4 until T+45m',
      'T+2h skip sms: whatsapp_engaged',
      'T+2h30m end: goal_reached',
    ]);
    expect(told.find(({ words }) => words?.startsWith('send push'))?.content).toMatchObject({ title: 'Payment not completed' });
    expect(await counts()).toEqual(before);
  });

  it('counts what its messages leave of the caps, and goes on for as long as a journey may last', async () => {
    const begun = { event: 'x begun', person: { customerId: 'c', phone: '+919812345678' }, keys: { order: 'o' } };
    const late = { event: 'x done', occurredAt: '2026-12-22T11:00:00+05:30', keys: { order: 'o' } };
    const tooLate = { ...late, occurredAt: '2027-02-22T11:00:00+05:30' };
    const steps = ['1m', '2m', '3m'].map((after, index) => sms(`s${index}`, after));
    const play = (events: object[], change: object) =>
      call('POST', 'journeys/x/simulate', { start: '2026-11-23T11:00:00+05:30', events, definition: definition('x', { steps, ...change }) }, reader); // prettier-ignore
    const { body } = await play([begun, late], { maxMessages: 2, window: '30d' });
    const { timeline } = body as unknown as { timeline: { what: string; step?: string; outcome: string; reason?: string }[] };
    expect(timeline.flatMap(({ step, outcome, reason }) => (step ? [`${step} ${outcome} ${reason ?? ''}`] : []))).toEqual([
      's0 send ',
      's1 send ',
      's2 send ',
      's2 skipped cap_of_journey',
    ]);
    expect(timeline.at(-1)).toMatchObject({ outcome: 'end', reason: 'goal_reached' });
    const refused = await play([begun, tooLate], {});
    expect(refused.body.faults).toMatchObject([
      { at: '/events/1/occurredAt', detail: 'It may be at most 60d ahead and two years back.' },
    ]);
  });

  it.each(['hi', 'ta'])('knows the language that its events say: %s', async (language) => {
    const inHindi = definition('x', { steps: [{ ...sms('first', '1m'), when: [{ field: 'known.language', is: 'hi' }] }] });
    const events = [{ event: 'x begun', person: { customerId: 'c', phone: '+919812345678', language }, keys: { order: 'o' } }];
    const body: unknown = (await call('POST', 'journeys/x/simulate', { definition: inHindi, events }, reader)).body;
    const [decided] = (body as { timeline: { step?: string; outcome: string }[] }).timeline.filter(
      ({ step }) => step === 'first',
    );
    expect(decided?.outcome).toBe(language === 'hi' ? 'send' : 'skip');
  });

  it('plays the draft where there is one, and a definition that is nowhere', async () => {
    await call('PUT', 'journeys/shared/draft', definition('shared', { steps: [sms('drafted', '5m')] }));
    expect((await call('POST', 'journeys/shared/simulate', {}, reader)).body).toMatchObject({ played: 'draft' });
    expect((await call('POST', 'journeys/shared/simulate', { version: 1 }, reader)).body).toMatchObject({ played: 'version 1' });
    const mine = await call('POST', 'journeys/x/simulate', { definition: definition('x'), customer: 'returns' }, reader);
    expect(mine.body).toMatchObject({ played: 'definition' });
    expect(JSON.stringify(mine.body)).toContain('goal_reached');
  });

  it.each<[string, object, number, string]>([
    ['a broken definition', { definition: {} }, 422, '/definition/format'],
    ['a broken event', { events: [{ event: 'x', person: { phone: '12' } }] }, 422, '/events/0/person/phone'],
    ['an answer to no step', { events: [{ event: 'x' }], answers: [{ step: 'fax', signal: 'read', after: '1m' }] }, 422, '/answers/0/step'], // prettier-ignore
    ['a start without zone', { start: '2026-11-23T11:00:00' }, 422, '/start'],
    ['a version that is not there', { version: 99 }, 404, ''],
  ])('refuses %s', async (_case, body, status, at) => {
    const answer = await call('POST', 'journeys/payment_failed/simulate', body, reader);
    expect(answer.status).toBe(status);
    if (at !== '') expect(answer.body.faults?.map((fault) => fault.at)).toContain(at);
  });
});

describe('links that have nowhere to lead', () => {
  it('keep no journey from being published, and the health body names the journeys and what is missing', async () => {
    const url = await world.startAnother({ WAPAS_PAY_URL: '' });
    const [, without] = world.apps;
    await without?.get(Catalogue).reload();
    const nowhere = async (address: string) => {
      const { attention } = (await (await fetch(`${address}/health/ready`)).json()) as { attention: string[] };
      return attention.filter((line) => line.startsWith('links have nowhere to lead'));
    };
    expect(await nowhere(url)).toEqual([expect.stringMatching(/payment_failed.*skipped \(missing_link\); set WAPAS_PAY_URL/)]);
    expect(await nowhere(world.url)).toEqual([]);
    await world.stopOthers();
  });
});

describe('a channel that nobody serves', () => {
  it('takes no journey and no event away, and the health body and a metric of it name whom it concerns', async () => {
    const url = await world.startAnother({ MSG91_AUTH_KEY: '', MSG91_WEBHOOK_TOKEN: '' });
    const [, without] = world.apps;
    const readBy = async (address: string) => {
      await without?.get(Catalogue).reload();
      const response = await fetch(`${address}/health/ready`);
      const { attention } = (await response.json()) as { attention: string[] };
      const metrics = await (await fetch(`${address}/metrics`, { headers: { authorization: `Bearer ${reader}` } })).text();
      const concerned = attention.flatMap((line) => /^no provider is set up for (.*)/.exec(line)?.[1] ?? []);
      return { status: response.status, concerned, figures: metrics.match(/^wapas_unserved_journeys\{.*$/gm) ?? [] };
    };
    for (const key of ['unserved', 'unserved_shadow', 'unserved_share', 'unserved_paused']) await release(key);
    await release('unserved_shadow', { mode: 'shadow' }, { name: 'once more' });
    const overPush = { template: { title: 'Seat held', body: 'Come back.', deepLink: '{{link}}' } };
    const steps = [{ key: 'push', after: '1m', channel: 'push', messages: [overPush] }];
    await release('unserved_share', { share: 40 }, { steps });
    await call('POST', 'journeys/unserved_paused/pause');

    const { status, concerned, figures } = await readBy(url);
    expect(status).toBe(200);
    expect(concerned).toEqual([
      expect.stringMatching(/^sms, over which .* would write: those steps are rejected \(no_provider\)$/),
    ]);
    const named = /which (.*) would/.exec(concerned[0] ?? '')?.[1]?.split(', ') ?? [];
    expect(named).toEqual(expect.arrayContaining(['payment_failed', 'unserved', 'unserved_share']));
    expect(named).not.toContain('unserved_shadow');
    expect(named).not.toContain('unserved_paused');
    expect(figures).toEqual([`wapas_unserved_journeys{channel="sms"} ${named.length}`]);
    expect(await readBy(world.url)).toEqual({ status: 200, concerned: [], figures: [] });
    await world.stopOthers();
  });
});

describe('the continuous check of runs', () => {
  const none = { withoutTimer: 0, overdue: 0, withoutOutcome: 0, unclaimed: 0 };

  it('finds nothing after all of the above', async () => expect(await world.app.get(AuditRuns).look()).toEqual(none));

  it('finds a timer that is gone and a step without an outcome, and the health body says so', async () => {
    await release('audited');
    const [asha, ravi] = [somebody(), somebody()];
    await happens('audited begun', asha);
    await happens('audited begun', ravi);
    await forward(minutes(1));
    const runs = await world.sql<{ id: string }>(`select id from run where journey_key = 'audited' order by id`);
    await world.sql(`update run set due_at = null where id = $1`, [runs[0]?.id]);
    await world.sql(`delete from decision where run_id = $1`, [runs[1]?.id]);
    expect(await world.app.get(AuditRuns).look()).toEqual({ ...none, withoutTimer: 1, withoutOutcome: 1 });
    const health = (await (await fetch(`${world.url}/health/ready`)).json()) as { status: string; attention: string[] };
    expect(health.status).toBe('ready');
    expect(health.attention).toEqual(expect.arrayContaining([expect.stringContaining('1 live run(s) have no timer')]));
  });
});
