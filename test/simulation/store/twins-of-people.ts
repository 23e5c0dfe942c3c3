import { type Execution, type Twin } from './postgres';
import { type Tables } from './tables';
import { byNumber, byText, interval, list, moment, rowsOf, text, textOrNull } from './values';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** Twins of `src/profiles/store`. Suppressions and traits have no table here: consents are what the simulation plays. */
export function twinsOfPeople({ person, identifier, address, block, consent }: Tables): Record<string, Twin> {
  const isBlocked = (run: Execution, key: string, channel: unknown): boolean =>
    run.values(block, (one) => one.key === key && one.channel === channel && one.until > run.now).length > 0;

  return {
    *person_identifiers(run, [keys]) {
      const wanted = new Set(list(keys));
      const found = run.values(identifier, (one) => wanted.has(one.key));
      const lastSeen = (one: { key: string; kind: string; person_id: string }): number | null =>
        run.values(address, (a) => a.person_id === one.person_id && a.kind === one.kind && a.key === one.key)[0]?.last_seen_at ??
        null;
      const shared = [...new Set(found.map((one) => one.person_id))].filter((id) =>
        found.every((one) => one.person_id !== id || one.kind !== 'customer'),
      );
      const customers = run.values(identifier, (one) => one.kind === 'customer' && shared.includes(one.person_id));
      return [
        ...found.map((one) => ({
          key: one.key,
          kind: one.kind,
          personId: one.person_id,
          lastSeenAt: lastSeen(one),
          erasedAt: null,
        })),
        ...customers.map((one) => ({
          key: one.key,
          kind: one.kind,
          personId: one.person_id,
          lastSeenAt: null,
          erasedAt: null,
        })),
      ];
    },

    *add_people(run, parameters) {
      for (const [id, name, unit] of rowsOf(parameters))
        yield* run.insert(person, { id: text(id), sealed_name: name as Buffer | null, unit: text(unit), erased_at: null });
      return [];
    },

    /** Shared locks, which keep nobody out but an erasure; and nobody is erased while the simulation plays. */
    *hold_people(run, [ids]) {
      const wanted = new Set(list(ids));
      const held = run.values(person, ({ id }) => wanted.has(id)).sort(byText(({ id }) => id));
      return held.map(({ id, erased_at }) => ({ id, erasedAt: erased_at }));
    },

    *erased_people(run, [ids]) {
      const wanted = new Set(list(ids));
      return run.values(person, ({ id, erased_at }) => wanted.has(id) && erased_at !== null).map(({ id }) => ({ id }));
    },

    *mark_people_erased(run, [ids]) {
      const wanted = new Set(list(ids));
      for (const { row } of run.find(person, ({ id }) => wanted.has(id))) {
        const before = yield* run.lock(row, () => true);
        if (before !== undefined) run.update(row, { ...before, erased_at: before.erased_at ?? run.now, sealed_name: null });
      }
      return [];
    },

    *add_identifiers(run, [keys, kinds, people]) {
      for (const [key, kind, personId] of rowsOf([keys, kinds, people]))
        yield* run.insert(identifier, { key: text(key), kind: text(kind), person_id: text(personId) }, 'do nothing');
      return [];
    },

    *release_tokens(run, parameters) {
      for (const [key, personId, at] of rowsOf(parameters)) {
        const isOthers = (one: { kind: string; key: string; person_id: string; last_seen_at: number }): boolean =>
          one.kind === 'push_token' &&
          one.key === key &&
          one.person_id !== personId &&
          one.last_seen_at <= (moment(at) as number);
        for (const { row } of run.find(address, isOthers)) if ((yield* run.lock(row, isOthers)) !== undefined) run.delete(row);
      }
      return [];
    },

    *sight_addresses(run, parameters) {
      for (const [personId, kind, key, sealed, platform, lastSeenAt, , tokenKind, permission, app] of rowsOf(parameters)) {
        const sighted = {
          person_id: text(personId),
          kind: text(kind),
          key: text(key),
          sealed: sealed as Buffer,
          platform: textOrNull(platform),
          last_seen_at: moment(lastSeenAt) as number,
          token_kind: textOrNull(tokenKind),
          permission: textOrNull(permission),
          app: textOrNull(app),
        };
        const isToken = sighted.kind === 'push_token';
        const isOthers = run.values(
          address,
          (one) =>
            one.kind === 'push_token' &&
            one.key === sighted.key &&
            one.person_id !== sighted.person_id &&
            one.last_seen_at > sighted.last_seen_at,
        );
        if (isToken && isOthers.length > 0) continue;
        const standing = yield* run.conflict(address, sighted);
        if (!standing) {
          yield* run.insert(address, sighted);
          continue;
        }
        const before = yield* run.lock(standing.row, () => true);
        if (before === undefined) continue;
        const isNews =
          before.last_seen_at < sighted.last_seen_at - (isToken ? 0 : HOUR) ||
          (sighted.permission !== null && sighted.permission !== before.permission);
        if (!isNews) continue;
        const isLater = sighted.last_seen_at >= before.last_seen_at;
        run.update(standing.row, {
          last_seen_at: Math.max(sighted.last_seen_at, before.last_seen_at),
          platform: sighted.platform ?? before.platform,
          token_kind: sighted.token_kind ?? before.token_kind,
          app: sighted.app ?? before.app,
          permission: (isLater ? sighted.permission : null) ?? before.permission,
        });
      }
      return [];
    },

    *reachable_addresses(run, [people, kind, channel]) {
      const wanted = new Set(list(people));
      const best = new Map<string, { person_id: string; key: string; sealed: Buffer; last_seen_at: number }>();
      const usable = run
        .values(address, (one) => wanted.has(one.person_id) && one.kind === kind && one.permission !== 'denied')
        .filter((one) => !isBlocked(run, one.key, channel))
        .sort(byText(({ key }) => key))
        .sort(byNumber(({ last_seen_at }) => -last_seen_at));
      for (const one of usable) if (!best.has(one.person_id)) best.set(one.person_id, one);
      return [...best.values()].map((one) => {
        const consents = run
          .values(consent, ({ person_id }) => person_id === one.person_id)
          .map(({ purpose, channel: on, state, at }) => ({ purpose, channel: on, state, at }));
        return {
          personId: one.person_id,
          value: null,
          sealed: one.sealed,
          key: one.key,
          erased: run.values(person, ({ id }) => id === one.person_id)[0]?.erased_at != null,
          minor: null,
          dnd: null,
          consents: consents.length === 0 ? null : consents,
          suppressions: null,
        };
      });
    },

    *live_push_tokens(run, [people, channel, keys]) {
      const wanted = new Set(list(people));
      const known = new Set(list(keys));
      return run
        .values(
          address,
          (one) =>
            wanted.has(one.person_id) &&
            one.kind === 'push_token' &&
            !known.has(one.key) &&
            one.permission !== 'denied' &&
            one.last_seen_at > run.now - 270 * DAY,
        )
        .filter((one) => !isBlocked(run, one.key, channel))
        .sort(byText(({ key }) => key))
        .sort(byNumber(({ last_seen_at }) => -last_seen_at))
        .sort(byText(({ person_id }) => person_id))
        .map((one) => ({ personId: one.person_id, value: null, sealed: one.sealed, key: one.key }));
    },

    *block_addresses(run, parameters) {
      for (const [key, channel, reason, lasts] of rowsOf(parameters)) {
        const length = interval(lasts);
        const blocked = {
          key: text(key),
          channel: text(channel),
          reason: text(reason),
          until: length === null ? Number.POSITIVE_INFINITY : run.now + length,
        };
        const standing = yield* run.conflict(block, blocked);
        if (!standing) yield* run.insert(block, blocked);
        else if ((yield* run.lock(standing.row, (one) => one.until <= blocked.until)) !== undefined)
          run.update(standing.row, blocked);
      }
      return [];
    },

    *about_people(run, [ids]) {
      const wanted = new Set(list(ids));
      return run
        .values(person, ({ id }) => wanted.has(id))
        .map(({ id, unit, sealed_name }) => {
          const reached = run.values(address, (one) => one.person_id === id && one.permission !== 'denied');
          const isCustomer = run.values(identifier, (one) => one.person_id === id && one.kind === 'customer').length > 0;
          const addresses = [...new Set(reached.map(({ kind }) => kind))].sort();
          return { id, unit, name: null, sealedName: sealed_name, language: null, isCustomer, addresses };
        });
    },

    *restricted_people(run, [ids]) {
      return [...new Set(list(ids))].flatMap((id) => {
        const said = run.values(consent, (one) => one.person_id === id);
        if (!said.some(({ state }) => state === 'withdrawn')) return [];
        const consents = said.map(({ purpose, channel, state, at }) => ({ purpose, channel, state, at }));
        const erased = run.values(person, (one) => one.id === id)[0]?.erased_at != null;
        return [{ personId: id, erased, minor: null, dnd: null, consents, suppressions: null }];
      });
    },

    /** People are not merged in the simulation. */
    *heirs_of_guests() {
      return [];
    },

    *inherit_withdrawals(run, parameters) {
      for (const [key, personId] of rowsOf(parameters)) {
        const latest = new Map<string, ReturnType<typeof consent.all>[number]>();
        for (const one of run.values(consent, ({ said_by }) => said_by === key)) {
          const before = latest.get(`${one.purpose} ${one.channel}`);
          if (!before || one.at > before.at || (one.at === before.at && one.state === 'withdrawn'))
            latest.set(`${one.purpose} ${one.channel}`, one);
        }
        for (const one of latest.values())
          if (one.state === 'withdrawn')
            yield* run.insert(consent, { ...one, id: `${one.id} of ${text(personId)}`, person_id: text(personId) }, 'do nothing');
      }
      return [];
    },

    *append_consents(run, parameters) {
      const now = run.now;
      const fresh: { id: string }[] = [];
      for (const [id, personId, purpose, channel, state, at, source, , , , , saidBy] of rowsOf(parameters)) {
        const said = {
          id: text(id),
          person_id: text(personId),
          purpose: text(purpose),
          channel: text(channel),
          state: text(state),
          at: Math.min(moment(at) as number, now),
          source: text(source),
          said_by: textOrNull(saidBy),
        };
        if (yield* run.insert(consent, said, 'do nothing')) fresh.push({ id: said.id });
      }
      return fresh;
    },
  };
}
