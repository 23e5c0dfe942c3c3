import { type Client } from 'pg';
import { chunksOf, share, withGenerators, withoutIndexes } from './bulk';

/** Ids of version 7 grow with time, as those of the product do; the rest looks random. `n` of a run is its name. */
const RUN_ID = `
  create function bench_run_id(n int) returns uuid language sql immutable parallel safe
  return overlay(overlay(md5('run' || n) placing lpad(to_hex(1764000000000 + n), 12, '0') from 1 for 12) placing '7' from 13 for 1)::uuid`;
/** The run that a real trigger has started: what is made up is made in its image. `stops` is a format with a place for each of its keys. */
const PATTERN = `
  create table bench_pattern as
  select r.journey_key, r.version, r.sealed, r.reason_class, r.rails,
         replace(replace(replace(replace(replace(r.stops::text, '%', '%%'), r.correlation::text, '%1$s'), payment.key::text, '%2$s'), customer.key::text, '%3$s'), phone.key::text, '%4$s') as stops
  from run r
  join run_key payment on payment.run_id = r.id and payment.absorbing and payment.key <> r.correlation
  join person_identifier customer on customer.person_id = r.person_id and customer.kind = 'customer'
  join person_identifier phone on phone.person_id = r.person_id and phone.kind = 'phone'
  order by r.started_at limit 1`;
const PEOPLE = `
  create table bench_person as
  select row_number() over (order by c.key) - 1 as n, c.person_id, c.key as customer_key, p.key as phone_key
  from person_identifier c join person_identifier p on p.person_id = c.person_id and p.kind = 'phone' where c.kind = 'customer'`;

/** Each shares its person with many others, as people do with busy shops. */
const NUMBERED = `
  (select g.n, bench_run_id(g.n) as id, md5('order' || g.n)::uuid as order_key, md5('payment' || g.n)::uuid as payment_key, p.person_id, p.customer_key, p.phone_key
   from generate_series($1::int, $2::int) as g (n) join bench_person p on p.n = g.n % (select count(*) from bench_person) offset 0) g`;
/** Runs that begin later today; all of them know what the pattern knows, since only the product can seal. */
const RUNS = `
  insert into run (id, journey_key, version, person_id, trigger_id, correlation, arm, test, lap, started_at, expires_at, next_step, due_at, signals, sealed, stops, memory, reason_class, rails)
  select g.id, t.journey_key, t.version, g.person_id, md5('trigger' || g.n)::uuid, g.order_key, 'treated', false, 1,
         due - interval '1 minute', due + interval '23 hours 59 minutes', 0, due, '{}', t.sealed,
         format(t.stops, g.order_key, g.payment_key, g.customer_key, g.phone_key)::jsonb, '{}', t.reason_class, t.rails
  from ${NUMBERED} cross join bench_pattern t
  cross join lateral (select (select business_now() + interval '2 hours') + make_interval(secs => abs(hashint4(g.n)) % 80000) as due) d`;
const KEYS = `
  insert into run_key (key, run_id, absorbing)
  select k.key, g.id, k.absorbing from ${NUMBERED}
  cross join lateral (values (g.order_key, true), (g.payment_key, true), (g.customer_key, false), (g.phone_key, false)) as k (key, absorbing)`;

const CHUNK = 25_000;

/**
 * Generates pending runs, one for each number from `first` on, by the tables that the product's migrations have made, in the
 * image of one run that the product itself has started. They are due in two hours at the earliest. End the application before:
 * indexes are away meanwhile, and what it looks for every few milliseconds would read all there is. Tells its progress on stderr.
 */
export async function generatePending(databaseUrl: string, first: number, last: number): Promise<void> {
  await withGenerators(databaseUrl, async (clients) => {
    if (first === 1) await prepare(clients[0]);
    await withoutIndexes(clients, ['run', 'run_key'], () =>
      share('pending runs', chunksOf(first, last, CHUNK), clients, async (one, range) => {
        await one.query(RUNS, range);
        await one.query(KEYS, range);
      }),
    );
  });
}

async function prepare(client: Client): Promise<void> {
  for (const text of [RUN_ID, PATTERN, PEOPLE, 'analyze bench_person']) await client.query(text);
  const { rows } = await client.query('select from bench_pattern');
  if (rows.length !== 1) throw new Error('There is no run to copy.');
}

/** Makes these runs due: all at `at`, or so many a second from then on. Business time, milliseconds since 1970. */
const MAKE_DUE = `
  update run r set started_at = d.due - interval '1 minute', expires_at = d.due + interval '23 hours 59 minutes', due_at = d.due
  from (select bench_run_id(n) as id, to_timestamp($2::float8 / 1000) + make_interval(secs => (row_number() over () - 1) * $3::float8) as due
        from unnest($1::int[]) as n) d
  where r.id = d.id`;

/** `secondsApart`: 0 for all at once. */
export async function makeDue(client: Client, numbers: readonly number[], at: number, secondsApart: number): Promise<void> {
  const { rowCount } = await client.query(MAKE_DUE, [numbers, at, secondsApart]);
  if (rowCount !== numbers.length) throw new Error(`Only ${rowCount} of ${numbers.length} runs could be made due.`);
}
