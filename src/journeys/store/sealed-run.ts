import { type Seals } from '@wapas/database';
import { fieldOf, type SealedColumn, SealError } from '@wapas/encryption';
import { type Guard } from '../../channels/channels.api';
import { DIMENSIONS, railsOf } from '../incidents/rules/rail';
import { type RunFacts } from '../rules/run';

/** What the trigger said: what conditions and templates read, and the payment to ask a gateway about. Sealed together. */
interface Secret {
  readonly facts: RunFacts;
  readonly asks?: Guard['asks'];
}

/** The columns they are read from. `facts` and `stops.asks` are those of a run from before; both are gone once it is erased. */
export interface StoredSecret {
  readonly facts: RunFacts | null;
  readonly stops: Guard;
  readonly sealed: Buffer | null;
}

const NAMES = DIMENSIONS.map((name) => `'${name}'`).join(', ');

export const runColumn: SealedColumn = {
  table: 'run',
  column: 'sealed',
  key: [{ name: 'id', type: 'uuid' }],
  plain: {
    value: `case when facts <> '{}' then json_build_object('facts', facts, 'asks', stops -> 'asks')::text end`,
    emptied: `facts = null, stops = stops - 'asks', reason_class = facts #>> '{reason,class}',
      rails = (select jsonb_object_agg(key, lower(value)) from jsonb_each_text(facts -> 'properties') where key in (${NAMES}))`,
  },
};
const FIELD = fieldOf(runColumn);

/** Of a run whose trigger is erased or cannot be opened. */
const NOTHING: RunFacts = { keys: {}, properties: {}, attempts: 1 };

export const sealRun = (seals: Seals, facts: RunFacts, { asks }: Guard): Buffer =>
  seals.seal(FIELD, JSON.stringify({ facts, asks } satisfies Secret));

/** What lies beside it in the clear, because statements ask for it: what may be down, by dimension; null where it says nothing of rails. */
export function railsIn(facts: RunFacts): string | null {
  const rails = railsOf(facts);
  return rails.length === 0 ? null : JSON.stringify(Object.fromEntries(rails.map(({ dimension, value }) => [dimension, value])));
}

/** `isReadable` is false when it is damaged, or its key is gone. */
export function secretIn(
  seals: Seals,
  { facts, stops, sealed }: StoredSecret,
): { readonly facts: RunFacts; readonly guard: Guard; readonly isReadable: boolean } {
  if (!sealed) return { facts: { ...NOTHING, ...facts }, guard: stops, isReadable: true };
  try {
    const secret = JSON.parse(seals.openText(FIELD, sealed)) as Secret;
    return { facts: secret.facts, guard: secret.asks ? { ...stops, asks: secret.asks } : stops, isReadable: true };
  } catch (error) {
    // One such run must not keep the others of its batch from going on.
    if (error instanceof SealError) return { facts: NOTHING, guard: stops, isReadable: false };
    throw error;
  }
}
