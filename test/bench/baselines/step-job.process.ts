import Bull from 'bull';
import { Pool } from 'pg';
import { type StepJobs } from './step-job';

const [databaseUrl = '', redisUrl = ''] = process.argv.slice(2);
/** As many at once as there are connections: a job waits for Postgres, and need not do so in a line. */
const AT_ONCE = 16;
/** Long enough to have added every job before the first is due. */
const AHEAD_MS = 2_000;

/** The step is taken and its message planned, in one statement; a job that comes twice plans nothing. */
const STEP = {
  name: 'step',
  text: `with step as (update step_run set next_step = next_step + 1 where id = $1 and next_step = $2 returning id, person_id, facts)
         insert into step_message (id, run_id, step, person_id, state, content)
         select gen_random_uuid(), id, $2, person_id, 'planned', jsonb_build_object('title', 'Payment not completed', 'body', facts ->> 'amount') from step
         on conflict do nothing`,
};

const pool = new Pool({ connectionString: databaseUrl, max: AT_ONCE });
const queue = new Bull<{ run: string }>('steps', redisUrl);
let left = 0;
let allDone: (() => void) | undefined;

void queue.process(AT_ONCE, async ({ data }) => {
  await pool.query({ ...STEP, values: [data.run, 0] });
  left -= 1;
  if (left === 0) allDone?.();
});

async function work({ first, count }: StepJobs): Promise<{ dueAt: number; doneAt: number }> {
  left = count;
  const done = new Promise<void>((resolve) => (allDone = resolve));
  const dueAt = Date.now() + AHEAD_MS;
  await queue.addBulk(
    Array.from({ length: count }, (_, index) => ({
      data: { run: runId(first + index) },
      opts: { delay: dueAt - Date.now(), removeOnComplete: true },
    })),
  );
  await done;
  return { dueAt, doneAt: Date.now() };
}

/** As the table was filled: the number, as a UUID. */
const runId = (number: number): string => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;

process.on('message', (jobs: StepJobs) => void work(jobs).then((answer) => process.send?.(answer)));
process.once('SIGTERM', () => void Promise.allSettled([queue.close(true), pool.end()]).finally(() => process.exit(0)));
process.send?.('ready');
