import { type Twin } from './postgres';
import { type Tables } from './tables';
import { byNumber, byText, interval, json, jsonText, list, rowsOf, text } from './values';

/** Twins of `libs/database` and `libs/events`. */
export function twinsOfBus(tables: Tables): Record<string, Twin> {
  const { outbox } = tables;
  const packet = (one: { seq: number; event: string; items: string; attempts: number }) => ({
    seq: String(one.seq),
    event: one.event,
    items: json(one.items),
    attempts: one.attempts,
  });
  return {
    *business_now({ now }) {
      return [{ now: new Date(now) }];
    },

    *lock_keys(run, [locks]) {
      const ascending = [...new Set(list(locks).map((lock) => BigInt(lock as string)))].sort((a, b) => (a < b ? -1 : 1));
      for (const lock of ascending) yield* run.takeAdvisory(String(lock));
      return [{ count: String(ascending.length) }];
    },

    *held_keys(run, parameters) {
      return rowsOf(parameters).flatMap(([key, lock]) => {
        const holder = run.holderOf(text(lock));
        return holder === undefined ? [] : [{ key, holder }];
      });
    },

    *bus_publish(run, parameters) {
      for (const [handler, event, items] of rowsOf(parameters)) {
        yield* run.insert(outbox, {
          seq: tables.nextSeq(),
          handler: text(handler),
          event: text(event),
          items: text(items),
          attempts: 0,
          not_before: Number.NEGATIVE_INFINITY,
          parked_at: null,
          last_error: null,
          created_at: run.now,
        });
      }
      return [];
    },

    *bus_claim(run, [handler, limit]) {
      const waiting = run
        .find(outbox, (one) => one.handler === handler && one.parked_at === null && one.not_before <= run.now)
        .sort(byNumber(({ values }) => values.seq))
        .filter(({ row }) => run.isFree(row))
        .slice(0, Number(limit));
      for (const { row } of waiting) run.own(row);
      return waiting.map(({ values }) => packet(values));
    },

    *bus_waited(run, [handlers]) {
      const waiting = new Set(
        run.values(outbox, (one) => one.parked_at === null && one.not_before <= run.now).map((one) => one.handler),
      );
      return list(handlers).flatMap((handler) => (waiting.has(text(handler)) ? [{ handler }] : []));
    },

    *bus_claim_one(run, [seq]) {
      const [found] = run.find(outbox, (one) => String(one.seq) === String(seq));
      if (!found || !run.isFree(found.row)) return [];
      run.own(found.row);
      return [packet(found.values)];
    },

    *bus_remove(run, [seqs]) {
      const wanted = new Set(list(seqs).map(String));
      for (const { row } of run.find(outbox, (one) => wanted.has(String(one.seq)))) {
        if ((yield* run.lock(row, () => true)) !== undefined) run.delete(row);
      }
      return [];
    },

    *bus_retry_later(run, [seq, error, delay, park]) {
      yield* run.updateAll(
        run.find(outbox, (one) => String(one.seq) === String(seq)),
        () => true,
        (one) => ({
          attempts: one.attempts + 1,
          last_error: text(error),
          not_before: run.now + (interval(delay) ?? 0),
          parked_at: park === true ? run.now : null,
        }),
      );
      return [];
    },

    *bus_split(run, [seq, parts]) {
      for (const { row } of run.find(outbox, (one) => String(one.seq) === String(seq))) {
        const whole = yield* run.lock(row, () => true);
        if (whole === undefined) continue;
        run.delete(row);
        for (const items of list(parts))
          yield* run.insert(outbox, {
            ...whole,
            seq: tables.nextSeq(),
            items: jsonText(items),
            not_before: Number.NEGATIVE_INFINITY,
            parked_at: null,
            last_error: null,
            created_at: run.now,
          });
      }
      return [];
    },

    *bus_unpark(run, [after, limit]) {
      const freed = yield* run.updateAll(
        run
          .find(outbox, (one) => one.parked_at !== null && one.seq > Number(after))
          .sort(byNumber(({ values }) => values.seq))
          .filter(({ row }) => run.isFree(row))
          .slice(0, Number(limit)),
        (one) => one.parked_at !== null,
        () => ({ parked_at: null, attempts: 0, not_before: Number.NEGATIVE_INFINITY }),
      );
      const last = Math.max(...freed.map((one) => one.seq));
      return [{ count: freed.length, last: freed.length === 0 ? null : String(last) }];
    },

    *bus_state(run) {
      const all = run.values(outbox, () => true);
      const handlers = [...new Set(all.map((one) => one.handler))].sort(byText((one) => one));
      return handlers.map((handler) => {
        const own = all.filter((one) => one.handler === handler);
        const waiting = own.filter((one) => one.parked_at === null);
        const oldest = Math.min(...waiting.map((one) => one.created_at));
        return {
          handler,
          waiting: waiting.length,
          parked: own.length - waiting.length,
          oldestSeconds: waiting.length === 0 ? 0 : (run.now - oldest) / 1_000,
        };
      });
    },
  };
}
