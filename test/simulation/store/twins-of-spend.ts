import { type Execution, type Twin } from './postgres';
import { type Tables } from './tables';
import { byText, list, rowsOf, text } from './values';

const NEW_FOR_MS = 10_000;
/** The zone of the simulation, and of every case, is India's. */
const AHEAD_MS = 19_800_000;
const dayOf = (ms: number): string => new Date(ms + AHEAD_MS).toISOString().slice(0, 10);

/** Twins of `src/channels/store/spend.store.ts` and of the rates it prices by. */
export function twinsOfSpend({ message, earlier, spendCap, spendDay }: Tables): Record<string, Twin> {
  type Message = ReturnType<typeof message.all>[number];
  type Earlier = ReturnType<typeof earlier.all>[number];
  type Turned = Pick<Earlier, 'channel' | 'price_milli' | 'price_currency'> & { called_at: number | null; sign: number };
  const concerns = (scope: string, channel: string): boolean => scope === 'all' || scope === `channel:${channel}`;
  const standing = (run: Execution, scopes: unknown) => {
    const wanted = new Set(list(scopes));
    return run.values(spendCap, ({ scope }) => wanted.has(scope)).sort(byText(({ scope }) => scope));
  };
  const isCounted = (one: Message): boolean => one.spent && (one.price_milli ?? 0) > 0;

  return {
    *rates_all() {
      return [];
    },

    *spend_caps(run) {
      return run
        .values(spendCap, () => true)
        .sort(byText(({ scope }) => scope))
        .map(({ scope, amount, currency, actor, since, set_at }) => {
          return { scope, amount, currency, actor, since: new Date(since), isNew: set_at > run.now - NEW_FOR_MS };
        });
    },

    *set_spend_cap(run, [scope, amount, currency, actor]) {
      const cap = {
        scope: text(scope),
        amount: Number(amount),
        currency: text(currency),
        actor: text(actor),
        since: run.now,
        set_at: run.now,
      };
      const before = yield* run.conflict(spendCap, cap);
      if (!before) yield* run.insert(spendCap, cap);
      else if ((yield* run.lock(before.row, () => true)) !== undefined) run.update(before.row, cap);
      return [];
    },

    *remove_spend_cap(run, [scope]) {
      for (const { row, values } of run.find(spendCap, (one) => one.scope === scope)) {
        if ((yield* run.lock(row, () => true)) === undefined) continue;
        run.delete(row);
        return [{ scope: values.scope }];
      }
      return [];
    },

    *lock_spend(run, [, scopes]) {
      const day = dayOf(run.now);
      const locked: Record<string, unknown>[] = [];
      for (const { scope, amount, currency } of standing(run, scopes)) {
        const count = { day, scope, currency, milli: 0, held_back: 0, reached_at: null };
        const before = yield* run.conflict(spendDay, count);
        if (!before) yield* run.insert(spendDay, count);
        const now = before ? ((yield* run.lock(before.row, () => true)) ?? count) : count;
        if (before) run.update(before.row, {});
        locked.push({ day, scope, currency, amount, milli: now.milli, isReached: now.reached_at !== null });
      }
      return locked;
    },

    *recount_spend(run, [, scopes, isAnother]) {
      const day = dayOf(run.now);
      for (const { scope, currency } of standing(run, scopes)) {
        const isMeant = (one: { day: string; scope: string }): boolean => one.day === day && one.scope === scope;
        const paid = [...run.values(message, isCounted), ...run.values(earlier, () => true)];
        const milli = paid
          .filter((one) => one.price_currency === currency && concerns(scope, one.channel))
          .filter(({ called_at }) => called_at !== null && dayOf(called_at) === day)
          .reduce((sum, one) => sum + (one.price_milli ?? 0), 0);
        const anew = isAnother === true ? { held_back: 0, reached_at: null } : {};
        yield* run.updateAll(run.find(spendDay, isMeant), isMeant, () => ({ currency, milli, ...anew }));
      }
      return [];
    },

    *note_held_back_by_spend(run, [day, scopes, counts]) {
      for (const [scope, count] of rowsOf([scopes, counts])) {
        const isMeant = (one: { day: string; scope: string }): boolean => one.day === day && one.scope === scope;
        yield* run.updateAll(run.find(spendDay, isMeant), isMeant, (one) => ({
          held_back: one.held_back + Number(count),
          reached_at: one.reached_at ?? run.now,
        }));
      }
      return [];
    },

    *settle_spend(run, [, ids, paid, fences, arrivedIds, attempts, providers]) {
      const turned: Turned[] = [];
      for (const [id, isPaidFor, fence] of rowsOf([ids, paid, fences])) {
        const isMeant = (one: Message): boolean =>
          one.id === id &&
          (one.price_milli ?? 0) > 0 &&
          one.spent !== isPaidFor &&
          (fence == null || (one.fence === Number(fence) && one.state === 'calling'));
        const change = (one: Message) => ({ spent: !one.spent });
        const changed = yield* run.updateAll(run.find(message, isMeant), isMeant, change);
        turned.push(...changed.map((one) => ({ ...one, sign: one.spent ? 1 : -1 })));
      }
      for (const [id, attempt, provider] of rowsOf([arrivedIds, attempts, providers])) {
        const isMeant = (one: Earlier): boolean =>
          one.message_id === id && one.attempt === Number(attempt) && one.provider === provider && (one.due_milli ?? 0) > 0;
        const change = (one: Earlier) => ({ price_milli: one.due_milli, due_milli: null });
        const changed = yield* run.updateAll(run.find(earlier, isMeant), isMeant, change);
        turned.push(...changed.map((one) => ({ ...one, sign: 1 })));
      }
      const deltaOf = (count: { day: string; scope: string; currency: string }): number =>
        turned
          .filter((one) => one.called_at !== null && dayOf(one.called_at) === count.day)
          .filter((one) => one.price_currency === count.currency && concerns(count.scope, one.channel))
          .reduce((sum, one) => sum + one.sign * (one.price_milli ?? 0), 0);
      const counts = run
        .find(spendDay, (one) => deltaOf(one) !== 0)
        .sort(byText(({ values }) => `${values.day} ${values.scope}`));
      yield* run.updateAll(
        counts,
        () => true,
        (one) => ({ milli: Math.max(0, one.milli + deltaOf(one)) }),
      );
      return [];
    },
  };
}
