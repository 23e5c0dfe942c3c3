import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hours, minutes } from '@wapas/kernel';
import { MovedClock } from '@wapas/demo/population/moved-clock';
import { outsideOf } from '@wapas/demo/population/outside';
import { playbookJourneys } from '@wapas/demo/population/playbook-journeys';
import { inventPopulation, type Medium, type Person, truthOf } from '@wapas/demo/population/population';
import { ratesWith, STATED_RATES } from '@wapas/stated-rates';
import { Simulation } from '@wapas/demo/population/simulation';
import { Wapas } from '@wapas/demo/wapas';
import { World } from '../support/world';

const MEDIA: readonly Medium[] = ['push', 'whatsapp', 'sms'];
/** Strong enough to be seen in a few hundred people. */
const people = inventPopulation({
  seed: 11,
  count: 500,
  rates: ratesWith({
    paidAlone: 0.25,
    pushReached: 0.6,
    pushOpened: 0.5,
    whatsappClicked: 0.35,
    smsClicked: 0.3,
    paidAfterClick: 0.8,
  }),
  programmes: ['timeline'],
  enterWithin: minutes(15),
});
const truth = {
  treated: meanOf((one) => truthOf(one, MEDIA).pays),
  alone: meanOf((one) => truthOf(one, []).pays),
};

interface Interval {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}
interface Report {
  readonly treated: { readonly entered: number; readonly recovered: number; readonly recoveredByChannel: Record<string, number> };
  readonly holdout: { readonly entered: number; readonly recovered: number };
  readonly experiments: readonly {
    readonly reading: string;
    readonly attributed: { readonly count: number };
    readonly organic: Interval;
    readonly incremental: { readonly difference: Interval } | null;
  }[];
}

let world: World;
let folder: string;
let report: Report;
/** Everybody's arm, which nobody in the simulation knew. */
let arms: ReadonlyMap<string, string>;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'wapas-population-'));
  const timeline = playbookJourneys.find(({ key }) => key === 'timeline');
  writeFileSync(join(folder, 'timeline.json'), JSON.stringify({ ...timeline, holdoutPercent: 50 }));
  world = await World.start({ env: { WAPAS_JOURNEYS_DIR: folder } });
  const clock = await MovedClock.startingNow((text, values) => world.sql(text, values), world.sandbox.url);
  const keys = { source: await world.key(['ingest', 'read']), app: await world.key(['app']) };
  const wapas = new Wapas({ appUrl: world.url, razorpaySecret: '', keys, clock });
  await new Simulation(outsideOf(wapas, world.sandbox.url, null), clock, people).play(people, hours(25));
  report = await wapas.get<Report>('/v1/analytics/journeys/timeline');
  arms = new Map((await world.runs()).map(({ facts, arm }) => [facts.keys.order as string, arm]));
});
afterAll(async () => {
  await world?.stop();
  rmSync(folder, { recursive: true, force: true });
});

test('everybody enters, and the holdout is about half of them', () => {
  expect(report.treated.entered + report.holdout.entered).toBe(people.length);
  expect(report.experiments).toMatchObject([{ reading: 'read' }]);
});

test('the reports count as recovered exactly those who by nature pay when they are treated so', () => {
  expect(report.treated.recovered).toBe(peopleOf('treated').filter((one) => truthOf(one, MEDIA).pays).length);
  expect(report.holdout.recovered).toBe(peopleOf('holdout').filter((one) => truthOf(one, []).pays).length);
});

test('the interval of what messages caused covers the planted truth, and says more than nothing', () => {
  const difference = report.experiments[0]?.incremental?.difference as Interval;
  expect(truth.treated - truth.alone).toBeGreaterThan(0.2);
  expect(difference.low).toBeLessThan(truth.treated - truth.alone);
  expect(difference.high).toBeGreaterThan(truth.treated - truth.alone);
  expect(difference.low).toBeGreaterThan(0);
});

test('the organic figure is the rate of those who pay alone, within its interval', () => {
  const { organic } = report.experiments[0] as Report['experiments'][0];
  expect(organic.low).toBeLessThan(truth.alone);
  expect(organic.high).toBeGreaterThan(truth.alone);
});

test('attributed are those whose last message was before their payment, and no others', async () => {
  const touched = await world.sql<{ channel: string; runs: number }>(
    `select channel, count(*)::int as runs from (
       select distinct on (r.id) r.id, m.channel from run r join message m on m.run_id = r.id and m.state = 'sent' and m.called_at <= r.ended_at
       where r.end_reason = 'goal_reached' order by r.id, m.called_at desc) last group by channel`,
  );
  const byChannel = Object.fromEntries(touched.map(({ channel, runs }) => [channel, runs]));
  expect(report.treated.recoveredByChannel).toMatchObject(byChannel);
  expect(report.experiments[0]?.attributed.count).toBe(touched.reduce((sum, { runs }) => sum + runs, 0));
});

test('every rate that the simulation starts from is a share, or says what else it is, with its source or that it is assumed', () => {
  for (const [name, { value, source, note }] of Object.entries(STATED_RATES)) {
    expect(name.startsWith('minutes') || (value >= 0 && value <= 1)).toBe(true);
    expect(source !== null || /^Assumed/.test(note)).toBe(true);
  }
});

test('the same seed invents the same people, another seed others', () => {
  const plan = { count: 5, rates: ratesWith(), programmes: ['a'], enterWithin: hours(1) };
  expect(inventPopulation({ seed: 1, ...plan })).toEqual(inventPopulation({ seed: 1, ...plan }));
  expect(inventPopulation({ seed: 1, ...plan })).not.toEqual(inventPopulation({ seed: 2, ...plan }));
});

function meanOf(is: (one: Person) => boolean): number {
  return people.filter(is).length / people.length;
}

const peopleOf = (arm: string): Person[] => people.filter(({ order }) => arms.get(order) === arm);
