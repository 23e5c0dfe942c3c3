import { Client } from 'pg';
import { WhatIfPeriod } from '../../src/journeys/replay/what-if/what-if-period';
import { PAGE, type PageSize } from '../../src/journeys/replay/what-if/read-stretches';
import { type Replay, type ReplayTally } from '../../src/journeys/replay/store/replay.store';
import { compileVersion } from '../../src/journeys/rules/compile-version';
import { type JourneyDefinition } from '../../src/journeys/rules/journey-definition';
import { generateLivedPeriod, type LivedPeriod } from '../bench/lived-period';
import { World } from '../support/world';

let world: World;
let period: LivedPeriod;
let draft: JourneyDefinition;

beforeAll(async () => {
  world = await World.start();
  const [stored] = await world.sql<{ definition: JourneyDefinition; version: number }>(
    `select definition, version from journey_version where key = 'payment_failed' order by version desc limit 1`,
  );
  if (!stored) throw new Error('The starter journey is not published.');
  const { definition, version } = stored;
  const client = new Client({ connectionString: world.databaseUrl });
  await client.connect();
  period = await generateLivedPeriod(client, {
    secret: world.env.WAPAS_SECRET as string,
    version: compileVersion(definition, version),
    events: 900,
    failing: 0.9,
    now: world.clock.now(),
  });
  await client.end();
  draft = {
    ...definition,
    steps: definition.steps.map((step) => (step.key === 'whatsapp' ? { ...step, after: '10m' } : step)),
  };
});
afterAll(() => world?.stop());

interface Answer {
  readonly result: object;
  readonly lines: readonly object[];
  readonly tallies: ReadonlyMap<string, number>;
}

/** A whole what-if over the month, read in pages of a size. */
async function answerIn(pages: PageSize): Promise<Answer> {
  const replay: Replay = {
    id: '00000000-0000-4000-8000-000000000001',
    kind: 'whatif',
    journeyKey: 'payment_failed',
    version: null,
    definition: draft,
    options: { played: 'draft', rates: {} },
    from: period.from,
    to: period.to,
    state: 'running',
    problem: null,
    done: 0,
    total: null,
    place: null,
    result: null,
    lines: 0,
    starts: 1,
    createdBy: 'a test',
    createdAt: world.clock.now(),
    endedAt: null,
  };
  const lines: object[] = [];
  const tallies = new Map<string, number>();
  let result: Readonly<Record<string, unknown>> = {};
  for await (const piece of world.app.get(WhatIfPeriod).work(replay, pages)) {
    if (piece === null) continue;
    lines.push(...piece.lines);
    for (const tally of piece.tallies ?? []) tallies.set(nameOf(tally), (tallies.get(nameOf(tally)) ?? 0) + tally.messages);
    result = piece.result;
  }
  return { result, lines, tallies: new Map([...tallies].sort()) };
}

const nameOf = ({ day, step, outcome, reason }: ReplayTally): string => [day, step, outcome, reason].join(' ');

it.each<[string, PageSize]>([
  ['five at a time, more often than not in the middle of a stretch', { wanted: 3, most: 5, together: 2 }],
  ['some', { wanted: 60, most: 100, together: 1_000 }],
  ['as many as there are', { wanted: 100_000, most: 200_000, together: 200_000 }],
])('a what-if over a month says the same when it reads its events %s', async (_how, pages) => {
  const usual = await answerIn(PAGE);
  expect(usual.result).toMatchObject({ events: period.events, messages: { was: expect.any(Number) as number } });
  expect(usual.lines.length).toBeGreaterThan(100);
  expect(await answerIn(pages)).toEqual(usual);
});
