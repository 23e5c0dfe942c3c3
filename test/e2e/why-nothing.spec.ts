import { hours, minutes } from '@wapas/kernel';
import { type RefusalReason } from '../../src/journeys/rules/enrol';
import { apiOf, personOf } from '../support/api';
import { World } from '../support/world';

let world: World;
let api: Awaited<ReturnType<typeof apiOf>>;
beforeAll(async () => {
  world = await World.start();
  api = await apiOf(world);
});
afterAll(() => world?.stop());

const sms = {
  key: 'sms',
  after: '1m',
  channel: 'sms',
  purpose: 'marketing',
  messages: [{ template: { id: '64f0c0ffee00000000000009', variables: { ref: '{{keys.order}}' } } }],
};
/** A journey that refuses for every reason there is. */
async function release(key: string, change: object = {}, how: object = {}): Promise<void> {
  const definition = {
    format: 'wapas.journey/1',
    key,
    name: key,
    trigger: { event: `${key} begun`, where: [{ field: 'reason.class', notIn: ['business'] }], maxAge: '2h' },
    correlateBy: ['order'],
    goal: { events: [`${key} done`], by: ['order'] },
    exits: [{ event: `${key} cancelled`, reason: 'cancelled' }],
    window: '1h',
    holdoutPercent: 0,
    steps: [sms],
    ...change,
  };
  expect((await api('PUT', `/v1/journeys/${key}/draft`, definition)).body).toMatchObject({ state: 'validated' });
  expect((await api('POST', `/v1/journeys/${key}/versions`, how)).status).toBe(201);
}

interface Person {
  readonly customerId: string;
  readonly phone: string;
  readonly name?: string;
}
let count = 0;
const somebody = (): Person => {
  count += 1;
  return { customerId: `why_${count}`, phone: `+9198${String(20_000_000 + count)}` };
};
async function happens(event: string, person: Person, more: object = {}): Promise<void> {
  const occurredAt = new Date(world.clock.now()).toISOString();
  const body = { event, person, keys: { order: `order_${person.customerId}` }, occurredAt, ...more };
  expect((await api('POST', '/v1/events', body)).status).toBe(202);
  await world.settled();
}
const forward = async (length: number): Promise<void> => {
  await world.clock.startAt((world.clock.now() + length) as never, 0);
  await world.settled();
};
/** Why triggers of a journey started nothing for somebody, as their timeline has it. */
async function reasons({ customerId }: Person, journey: string): Promise<(string | undefined)[]> {
  const { body } = await api('GET', `/v1/people/${await personOf(api, customerId)}/timeline`);
  const entries = body.timeline as { what: string; journey?: string; reason?: string; eventId?: string }[];
  return entries.flatMap((entry) => (entry.what === 'not_entered' && entry.journey === journey ? [entry.reason] : []));
}
const consent = (person: Person) => ({ consents: [{ person, purpose: 'marketing', channel: 'sms', state: 'withdrawn' }] });

/** How each comes about. `Record`: a reason that is added without a line here does not compile. */
const STORIES: Record<
  Exclude<RefusalReason, 'nobody_to_contact' | 'journey_file_refused'>,
  (person: Person, journey: string) => Promise<void>
> = {
  filter_not_met: (person, journey) => happens(`${journey} begun`, person, { reason: { class: 'business' } }),
  event_too_old: (person, journey) =>
    happens(`${journey} begun`, person, { occurredAt: new Date(world.clock.now() - hours(3)).toISOString() }),
  no_key_to_correlate: (person, journey) => happens(`${journey} begun`, person, { keys: { cart: 'a-cart' } }),
  suppressed: async (person, journey) => {
    const suppression = { person: { customerId: person.customerId }, reason: 'asked_at_the_counter' };
    expect((await api('POST', '/v1/suppressions', suppression)).status).toBe(201);
    await happens(`${journey} begun`, person);
  },
  minor: async (person, journey) => {
    await happens('Signed Up', person);
    await api('PATCH', `/v1/people/${await personOf(api, person.customerId)}`, { minor: true });
    await happens(`${journey} begun`, person);
  },
  consent_withdrawn: async (person, journey) => {
    expect((await api('POST', '/v1/consents', consent(person))).status).toBeLessThan(300);
    await happens(`${journey} begun`, person);
  },
  goal_already_reached: async (person, journey) => {
    await happens(`${journey} done`, person);
    await happens(`${journey} begun`, person);
  },
  exit_already_reached: async (person, journey) => {
    await happens(`${journey} cancelled`, person);
    await happens(`${journey} begun`, person);
  },
  entered_too_recently: async (person, journey) => {
    await release(journey, { reentryAfter: '2h' });
    await happens(`${journey} begun`, person);
    await forward(hours(1));
    await happens(`${journey} begun`, person);
  },
  entered_too_often: async (person, journey) => {
    await release(journey, { maxEntries: 1 });
    await happens(`${journey} begun`, person);
    await forward(hours(1) + minutes(1));
    await happens(`${journey} begun`, person);
  },
  person_entered_too_recently: async (person, journey) => {
    await release(journey, { reentryAfterForPerson: '72h' });
    await happens(`${journey} begun`, person);
    await happens(`${journey} begun`, person, { keys: { order: 'another' } });
  },
  run_of_somebody_else: async (person, journey) => {
    const other = somebody();
    const keys = { order: `shared_${person.customerId}` };
    await happens(`${journey} begun`, { ...other, name: 'Asha' }, { keys });
    await happens(`${journey} begun`, { ...person, name: 'Ravi' }, { keys });
    expect(await reasons(other, journey)).toEqual([]);
    // What the run is about is known anew, whom it writes to is not.
    const [run] = (await world.runs()).filter(({ facts }) => facts.keys.order === keys.order);
    expect(run?.facts).toMatchObject({ name: 'Asha', attempts: 2 });
    // Whose run it is may try as often as they like.
    await happens(`${journey} begun`, other, { keys });
    expect(await reasons(other, journey)).toEqual([]);
  },
  outside_share: async (person, journey) => {
    await release(journey, {}, { share: 0 });
    await happens(`${journey} begun`, person);
  },
  journey_paused: async (person, journey) => {
    expect((await api('POST', `/v1/journeys/${journey}/pause`)).status).toBeLessThan(300);
    await happens(`${journey} begun`, person);
  },
};

it.each(Object.keys(STORIES) as (keyof typeof STORIES)[])(
  'a timeline says of a trigger that started nothing: %s',
  async (reason) => {
    const person = somebody();
    const journey = `why_${reason}`;
    if (!['entered_too_recently', 'entered_too_often', 'person_entered_too_recently', 'outside_share'].includes(reason))
      await release(journey);
    await STORIES[reason](person, journey);
    expect(await reasons(person, journey)).toEqual([reason]);
  },
);

it('a trigger about nobody is in nobody’s timeline: the journey says why it started nothing', async () => {
  await release('why_nobody');
  const about = { event: 'why_nobody begun', keys: { order: 'of_nobody' } };
  const { body } = await api('POST', '/v1/events', about);
  await world.settled();
  await happens('why_nobody begun', somebody(), { reason: { class: 'business' } });
  const refusals = (await api('GET', '/v1/journeys/why_nobody/refusals?hours=1')).body;
  expect(refusals.reasons).toMatchObject([
    { reason: 'filter_not_met', count: 1 },
    { reason: 'nobody_to_contact', count: 1 },
  ]);
  const latest = refusals.latest as { reason: string }[];
  expect([...latest].sort((a, b) => (a.reason < b.reason ? -1 : 1))).toMatchObject([
    { reason: 'filter_not_met', version: 1, personId: expect.any(String) as string },
    { reason: 'nobody_to_contact', personId: null, eventId: body.eventId },
  ]);
  expect((await api('GET', '/v1/journeys/nowhere/refusals')).status).toBe(404);
  expect((await api('GET', '/v1/journeys/why_nobody/refusals?hours=0')).status).toBe(422);
});
