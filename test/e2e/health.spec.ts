import { Client } from 'pg';
import { World } from '../support/world';

let world: World;
beforeAll(async () => {
  world = await World.start();
});
afterAll(() => world?.stop());

async function health() {
  const response = await fetch(`${world.url}/health/ready`);
  return { code: response.status, ...((await response.json()) as { status: string; attention: string[] }) };
}
const NOT_KNOWN = expect.stringContaining('could not be asked') as string;

it('a table that cannot be read makes nobody unready: that it could not be asked is said', async () => {
  await world.sql('alter table quarantine rename to quarantine_away');
  try {
    expect(await health()).toMatchObject({ code: 200, status: 'ready', attention: [NOT_KNOWN] });
  } finally {
    await world.sql('alter table quarantine_away rename to quarantine');
  }
  expect(await health()).toMatchObject({ code: 200, status: 'ready', attention: [] });
});

it('a table that somebody holds keeps no probe waiting, however many ask', async () => {
  const holder = new Client({ connectionString: world.databaseUrl });
  await holder.connect();
  await holder.query('begin; lock table quarantine in access exclusive mode');
  try {
    const answers = await Promise.all(Array.from({ length: 40 }, health));
    for (const answer of answers) expect(answer).toMatchObject({ code: 200, status: 'ready', attention: [NOT_KNOWN] });
    const [held] = await world.sql<{ waiting: number }>(
      `select count(*)::int as waiting from pg_stat_activity where wait_event_type = 'Lock' and query like '%from quarantine where received_at >%'`,
    );
    expect(held?.waiting).toBe(1);
  } finally {
    await holder.end();
  }
});
