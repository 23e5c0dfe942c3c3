import { Client } from 'pg';
import { tellProgress } from './report';

interface Index {
  readonly name: string;
  readonly table: string;
  readonly definition: string;
  readonly isPrimaryKey: boolean;
}

const INDEXES = `
  select i.indexname as name, i.tablename as table, i.indexdef as definition, c.conname is not null as "isPrimaryKey"
  from pg_indexes i left join pg_constraint c on c.conname = i.indexname and c.contype = 'p'
  where i.schemaname = 'public' and i.tablename = any($1::text[]) order by pg_relation_size(i.tablename::regclass) desc, i.indexname`;

/** The generation's alone, on connections of its own. */
const SETTINGS = `set synchronous_commit = off; set maintenance_work_mem = '1GB'; set max_parallel_maintenance_workers = 0`;
/** As many pieces are made at once. */
const AT_ONCE = 2;

/** So many connections as pieces are made at once, with the settings of a generation; closed afterwards. */
export async function withGenerators(
  url: string,
  work: (clients: readonly [Client, ...Client[]]) => Promise<void>,
): Promise<void> {
  const clients = Array.from({ length: AT_ONCE }, () => new Client({ connectionString: url }));
  for (const one of clients) await one.connect();
  try {
    for (const one of clients) await one.query(SETTINGS);
    await work(clients as [Client, ...Client[]]);
  } finally {
    for (const one of clients) await one.end();
  }
}

/**
 * Fills tables while their indexes are away: these are built once when all rows are there, instead of being kept up for each, from their
 * own definitions. Fails when they are not the same afterwards. What looks into these tables meanwhile reads all there is.
 */
export async function withoutIndexes(
  clients: readonly [Client, ...Client[]],
  tables: readonly string[],
  fill: () => Promise<void>,
): Promise<void> {
  const [client] = clients;
  const indexes = (await client.query<Index>(INDEXES, [tables])).rows;
  for (const { name, table, isPrimaryKey } of indexes)
    await client.query(isPrimaryKey ? `alter table ${table} drop constraint ${name}` : `drop index ${name}`);
  await fill();
  await share('their indexes', indexes, clients, async (one, { definition }) => void (await one.query(definition)));
  for (const { name, table } of indexes.filter(({ isPrimaryKey }) => isPrimaryKey))
    await client.query(`alter table ${table} add constraint ${name} primary key using index ${name}`);
  await share('their statistics', tables, clients, async (one, table) => void (await one.query(`vacuum analyze ${table}`)));
  await client.query('checkpoint');
  const after = (await client.query<Index>(INDEXES, [tables])).rows;
  const asBefore = (one: Index): boolean => after.some((other) => JSON.stringify(other) === JSON.stringify(one));
  if (after.length !== indexes.length || !indexes.every(asBefore)) throw new Error('The indexes are not what they were before.');
}

/** From `first` to `last` in pieces of so many. */
export function chunksOf(first: number, last: number, size: number): [number, number][] {
  const count = Math.ceil((last - first + 1) / size);
  return Array.from({ length: count }, (_, index) => [first + index * size, Math.min(last, first + (index + 1) * size - 1)]);
}

/** Every connection takes the next piece when it is done with its last. */
export async function share<Piece>(
  what: string,
  pieces: readonly Piece[],
  clients: readonly Client[],
  work: (client: Client, piece: Piece) => Promise<void>,
): Promise<void> {
  const left = [...pieces];
  let done = 0;
  const takeAll = async (client: Client): Promise<void> => {
    for (let piece = left.shift(); piece !== undefined; piece = left.shift()) {
      await work(client, piece);
      done += 1;
      tellProgress(what, done, pieces.length);
    }
  };
  await Promise.all(clients.map(takeAll));
}
