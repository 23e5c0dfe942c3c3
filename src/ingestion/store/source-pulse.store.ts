import { type Queryable, statement } from '@wapas/database';
import { type Instant, toInstant } from '@wapas/kernel';

const HEARD = statement(
  'source_heard',
  `insert into source_pulse (source, heard_at) values ($1, business_now())
   on conflict (source) do update set heard_at = greatest(source_pulse.heard_at, excluded.heard_at)`,
);
const PULSES = statement('source_pulses', `select source, heard_at as "heardAt" from source_pulse`);

/** The only place that knows `source_pulse`. */
export const sourcePulseStore = {
  heard: (db: Queryable, source: string) => db.query(HEARD, [source]),

  async pulses(db: Queryable): Promise<Map<string, Instant>> {
    const rows = await db.query<{ source: string; heardAt: Date }>(PULSES);
    return new Map(rows.map(({ source, heardAt }) => [source, toInstant(heardAt)]));
  },
};
