import { type Client } from 'pg';
import { tellProgress } from './report';

/** The run that a real trigger has started: what is made up is made in its image. */
const PATTERN = `
  create table bench_pattern as
  select r.journey_key, r.version, r.sealed, r.stops::text as stops, r.reason_class, r.rails,
         (select key from run_key k where k.run_id = r.id and k.key = r.correlation) as order_key,
         (select k.key from run_key k where k.run_id = r.id and k.absorbing and k.key <> r.correlation) as payment_key,
         (select key from person_identifier i where i.person_id = r.person_id and i.kind = 'customer') as customer_key,
         (select key from person_identifier i where i.person_id = r.person_id and i.kind = 'phone') as phone_key
  from run r order by r.started_at limit 1`;
const PEOPLE = `
  create table bench_person as
  select row_number() over (order by c.key) - 1 as n, c.person_id, c.key as customer_key, p.key as phone_key
  from person_identifier c join person_identifier p on p.person_id = c.person_id and p.kind = 'phone' where c.kind = 'customer'`;

/** Runs that begin later today; all of them know what the pattern knows, since only the product can seal. `n` of a run is its name: \`md5('run' || n)\`. */
const RUNS = `
  insert into run (id, journey_key, version, person_id, trigger_id, correlation, arm, test, lap, started_at, expires_at, next_step, due_at, signals, sealed, stops, memory, reason_class, rails)
  select md5('run' || g.n)::uuid, t.journey_key, t.version, p.person_id, md5('trigger' || g.n)::uuid, md5('order' || g.n)::uuid, 'treated', false, 1,
         due - interval '1 minute', due + interval '23 hours 59 minutes', 0, due, '{}',
         t.sealed,
         replace(replace(replace(replace(t.stops, t.order_key::text, md5('order' || g.n)::uuid::text), t.payment_key::text, md5('payment' || g.n)::uuid::text),
                 t.customer_key::text, p.customer_key::text), t.phone_key::text, p.phone_key::text)::jsonb, '{}', t.reason_class, t.rails
  from (select n, business_now() + interval '2 hours' + make_interval(secs => abs(hashint4(n)) % 80000) as due from generate_series($1::int, $2::int) n) g
  cross join bench_pattern t
  join bench_person p on p.n = g.n % (select count(*) from bench_person)`;
const KEYS = `
  insert into run_key (key, run_id, absorbing)
  select k.key, md5('run' || g.n)::uuid, k.absorbing
  from generate_series($1::int, $2::int) as g (n) join bench_person p on p.n = g.n % (select count(*) from bench_person)
  cross join lateral (values (md5('order' || g.n)::uuid, true), (md5('payment' || g.n)::uuid, true), (p.customer_key, false), (p.phone_key, false)) as k (key, absorbing)`;

/** What is built once when all rows are there, instead of being kept up for each: the same indexes, from their own definitions. */
const INDEXES = `
  select indexname as name, indexdef as definition from pg_indexes
  where tablename in ('run', 'run_key') and indexname not like '%_pkey'`;

/** So many runs, one for each number from `first` on; each shares its person with many others, as people do with busy shops. */
const CHUNK = 50_000;

/**
 * Generates pending runs by the tables that the product's migrations have made, in the image of one run that the product
 * itself has started. They are due in two hours at the earliest. Tells its progress on stderr.
 */
export async function generatePending(client: Client, first: number, last: number): Promise<void> {
  await client.query('set synchronous_commit = off');
  if (first === 1) {
    await client.query(PATTERN);
    await client.query(PEOPLE);
    await client.query('create unique index on bench_person (n)');
    await client.query('analyze bench_person');
  }
  const { rows } = await client.query<{ name: string; definition: string }>(INDEXES);
  for (const { name } of rows) await client.query(`drop index ${name}`);
  for (let from = first; from <= last; from += CHUNK) {
    const range = [from, Math.min(last, from + CHUNK - 1)];
    await client.query(RUNS, range);
    await client.query(KEYS, range);
    tellProgress('pending runs', (range[1] as number) - first + 1, last - first + 1);
  }
  await client.query(`set maintenance_work_mem = '512MB'`);
  for (const { definition } of rows) await client.query(definition);
  await client.query('vacuum analyze run');
  await client.query('vacuum analyze run_key');
  await client.query('checkpoint');
}

/** Makes these runs due: all at `at`, or so many a second from then on. Business time, milliseconds since 1970. */
const MAKE_DUE = `
  update run r set started_at = d.due - interval '1 minute', expires_at = d.due + interval '23 hours 59 minutes', due_at = d.due
  from (select md5('run' || n)::uuid as id, to_timestamp($2::float8 / 1000) + make_interval(secs => (row_number() over () - 1) * $3::float8) as due
        from unnest($1::int[]) as n) d
  where r.id = d.id`;

/** `secondsApart`: 0 for all at once. */
export async function makeDue(client: Client, numbers: readonly number[], at: number, secondsApart: number): Promise<void> {
  const { rowCount } = await client.query(MAKE_DUE, [numbers, at, secondsApart]);
  if (rowCount !== numbers.length) throw new Error(`Only ${rowCount} of ${numbers.length} runs could be made due.`);
}
