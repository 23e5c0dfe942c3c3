import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Pool } from 'pg';
import { type QueryRunner } from 'typeorm';
import { Events1764000000010 } from '../../../src/ingestion/store/migrations/events-1764000000010';
import { type Started } from '../children';
import { type DatabaseServer, withClient } from '../database-server';
import { storedContent } from '../events';

const CLIENTS = 16;
const DATABASE = 'bench_pgbench';
const COLUMNS = 'id, source, source_event_id, content_hash, name, occurred_at, received_at, test, content';

/** The row of one event into the product's own table with all its indexes, one statement and one commit a row. */
function insertOf(id: string): string {
  const content = storedContent().replaceAll("'", "''");
  return `insert into event (${COLUMNS}) values (gen_random_uuid(), 'api', ${id}, '\\x${'5a'.repeat(32)}', 'Payment Captured', clock_timestamp(), clock_timestamp(), false, '${content}')`;
}

/** What Postgres itself takes on this machine when nobody stands in front of it. */
export interface RawInsert {
  readonly name: string;
  /** Rows a second. */
  measure(seconds: number): Promise<number>;
}

export async function startRawInsert(server: DatabaseServer, started: Started): Promise<RawInsert> {
  const url = await server.create(DATABASE);
  await makeEventTable(url);
  const found = await promisify(execFile)('pgbench', ['--version']).then(
    () => true,
    () => false, // Not installed.
  );
  if (found) return pgbench(server, started);
  process.stderr.write(
    `pgbench is not installed (it comes with the PostgreSQL package of your distribution): the same prepared insert runs over ${CLIENTS} pg connections instead.\n`,
  );
  return overPg(url, started);
}

/** The migration itself makes the table: the same definition by construction. It uses no more of the runner than `query`. */
async function makeEventTable(url: string): Promise<void> {
  await withClient(url, async (client) => {
    await new Events1764000000010().up({ query: (text: string) => client.query(text) } as unknown as QueryRunner);
  });
}

function pgbench({ connection }: DatabaseServer, started: Started): RawInsert {
  const folder = mkdtempSync(join(tmpdir(), 'wapas-pgbench-'));
  started.toStop(async () => rmSync(folder, { recursive: true, force: true }));
  const script = join(folder, 'insert.sql');
  // A colon would begin a pgbench variable, so those of the JSON are written as SQL's Unicode escapes.
  const insert = insertOf(`'pc-12345x6-' || :number`).replace(
    /'(\{.*\})'/,
    (_all, json: string) => `U&'${json.replaceAll(':', '\\003a')}'`,
  );
  writeFileSync(script, `\\set number random(1, 9000000000000000000)\n${insert};\n`);
  const where = ['-h', connection.host, '-p', String(connection.port), '-U', connection.user];
  const how = ['-n', '-M', 'prepared', '-c', String(CLIENTS), '-j', '2', '-f', script];
  return {
    name: `pgbench, one row a commit, ${CLIENTS} clients`,
    async measure(seconds) {
      const { stdout } = await promisify(execFile)('pgbench', [...where, ...how, '-T', String(Math.ceil(seconds)), DATABASE]);
      const perSecond = Number(/tps = ([\d.]+) \(without/.exec(stdout)?.[1]);
      if (!(perSecond > 0)) throw new Error(`pgbench said something unexpected:\n${stdout}`);
      return perSecond;
    },
  };
}

function overPg(url: string, started: Started): RawInsert {
  const pool = new Pool({ connectionString: url, max: CLIENTS });
  started.toStop(() => pool.end());
  const insert = { name: 'insert_event', text: insertOf('$1') };
  return {
    name: `the same prepared insert over ${CLIENTS} pg connections (no pgbench here)`,
    async measure(seconds) {
      const end = performance.now() + seconds * 1_000;
      let rows = 0;
      const insertUntilEnd = async (): Promise<void> => {
        while (performance.now() < end) {
          await pool.query({ ...insert, values: [`pc-${Math.random()}-${rows}`] });
          rows += 1;
        }
      };
      await Promise.all(Array.from({ length: CLIENTS }, insertUntilEnd));
      return rows / seconds;
    },
  };
}
