import { Database, statement } from '@wapas/database';
import { type Instant } from '@wapas/kernel';
import { openSeals } from '../container';
import { type RealDatabase, startRealDatabase } from './real-database';
import { SimulatedPool } from './pool';
import { type Wire } from './postgres';
import { simulatedStore } from './simulated-store';
import { STORE_CASES } from './store-cases';
import { type Tables } from './tables';

let real: RealDatabase;
const used = new Set<string>();

beforeAll(async () => {
  real = await startRealDatabase(openSeals);
});
afterAll(() => real.stop());

describe.each(Object.entries(STORE_CASES))('%s', (_promise, play) => {
  it('in Postgres as in the simulation', async () => {
    await real.clear();
    const now = Date.now() as Instant;
    const inPostgres = await play(real.database, { now, age: agedInPostgres });
    const simulated = simulatedDatabase();
    const inSimulation = await play(simulated.database, { now, age: async (...what) => agedInMemory(simulated.tables, ...what) });
    expect(comparable(inSimulation, now)).toEqual(comparable(inPostgres, now));
    expect(JSON.stringify(inPostgres)).not.toBe(undefined);
  });
});

it('every twin has been held against its statement', () => {
  const notKept = [
    'insert_run_inputs',
    'add_run_reversals',
    'add_failures',
    'message_texts',
    'add_journey_audit',
    'add_operation_audit',
  ];
  expect(simulatedDatabase().names.filter((name) => !used.has(name) && !notKept.includes(name))).toEqual([]);
});

/** A simulated store in real time, on the turns of the real event loop. */
function simulatedDatabase() {
  const wire: Wire = {
    now: () => Date.now(),
    atServer: (work) => void setImmediate(work),
    atClient: (work) => void setImmediate(work),
    later: (ms, work) => {
      const timer = setTimeout(work, ms);
      return () => clearTimeout(timer);
    },
    fateOf: () => 'arrives',
  };
  const { server, tables } = simulatedStore(wire);
  server.onStatement = (name) => used.add(name);
  return { database: new Database(new SimulatedPool(server, wire).asPool(), openSeals), tables, names: server.names };
}

async function agedInPostgres(table: string, column: string, ms: number): Promise<void> {
  const text = `update ${table} set ${column} = ${column} - interval '${ms} milliseconds' where ${column} > '-infinity'`;
  await real.database.query(statement(`age_${table}_${column}`, text));
}

function agedInMemory(tables: Tables, table: string, column: string, ms: number): void {
  const found = Object.values(tables).find((one) => (one as { name?: string }).name === table) as Tables['message'];
  for (const row of found.rows) {
    const values = row.committed as unknown as Record<string, number | null>;
    const at = values[column];
    if (at != null) row.committed = { ...values, [column]: at - ms } as never;
  }
}

/** Moments as seconds from the beginning of the case, rows of no particular order as they are. */
function comparable(answer: unknown, now: number): unknown {
  const about = (ms: number): string => `T${ms >= now ? '+' : ''}${Math.round((ms - now) / 10_000) * 10}s`;
  const text = JSON.stringify(answer, (_key, value: unknown) => {
    if (value instanceof Map) return [...(value as Map<unknown, unknown>)];
    if (Buffer.isBuffer(value)) return value.toString('hex');
    if (typeof value === 'string' && /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value)) return about(Date.parse(value));
    if (typeof value === 'number' && Math.abs(value - now) < 86_400_000) return about(value);
    return value;
  });
  return JSON.parse(text ?? 'null') as unknown;
}
