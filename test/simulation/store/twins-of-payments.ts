import { type Twin } from './postgres';
import { type Tables } from './tables';
import { list, rowsOf, text } from './values';

const DAY = 24 * 3_600_000;

/** Twins of what is asked before a claim: `src/payments/store` and the pulse of sources. */
export function twinsOfPayments({ word, pulse }: Tables): Record<string, Twin> {
  return {
    *payment_words_of_keys(run, [keys]) {
      const wanted = new Set(list(keys));
      return run
        .values(word, ({ key }) => wanted.has(key))
        .map(({ key, state, asked_at }) => ({ key, state, askedAt: new Date(asked_at) }));
    },

    *keep_payment_words(run, parameters) {
      const now = run.now;
      const words = rowsOf(parameters).map(([key, gateway, state]) => {
        return { key: text(key), gateway: text(gateway), state: text(state), asked_at: now };
      });
      for (const said of words.sort((a, b) => (a.key < b.key ? -1 : 1))) {
        const standing = yield* run.conflict(word, said);
        if (!standing) {
          yield* run.insert(word, said);
          continue;
        }
        const before = yield* run.lock(standing.row, () => true);
        if (before !== undefined) run.update(standing.row, { ...said, asked_at: Math.max(before.asked_at, now) });
      }
      return [];
    },

    *forget_payment_words(run, [limit]) {
      const old = run.find(word, ({ asked_at }) => asked_at < run.now - DAY).slice(0, Number(limit));
      for (const { row } of old) if ((yield* run.lock(row, () => true)) !== undefined) run.delete(row);
      return [];
    },

    *source_heard(run, [source]) {
      const heard = { source: text(source), heard_at: run.now };
      const standing = yield* run.conflict(pulse, heard);
      if (!standing) yield* run.insert(pulse, heard);
      else if ((yield* run.lock(standing.row, () => true)) !== undefined) run.update(standing.row, heard);
      return [];
    },

    *source_pulses(run) {
      return run.values(pulse, () => true).map(({ source, heard_at }) => ({ source, heardAt: new Date(heard_at) }));
    },
  };
}
