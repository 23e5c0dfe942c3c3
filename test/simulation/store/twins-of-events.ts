import { type Twin } from './postgres';
import { type Tables } from './tables';
import { list, moment, rowsOf, text, textOrNull } from './values';

/** Twins of `src/ingestion/store`. */
export function twinsOfEvents({ event, mark }: Tables): Record<string, Twin> {
  return {
    *insert_events(run, parameters) {
      const now = run.now;
      const fresh = new Map<string, { name: string; occurredAt: number }>();
      for (const [id, source, sourceEventId, contentHash, rawHash, name, occurredAt, test, sealed] of rowsOf(
        parameters.slice(0, 9),
      )) {
        const happenedAt = Math.min(moment(occurredAt) ?? now, now);
        const row = yield* run.insert(
          event,
          {
            id: text(id),
            source: text(source),
            source_event_id: textOrNull(sourceEventId),
            content_hash: contentHash as Buffer,
            raw_hash: rawHash as Buffer | null,
            name: text(name),
            occurred_at: happenedAt,
            received_at: now,
            test: test === true,
            sealed: sealed as Buffer,
          },
          'do nothing',
        );
        if (row) fresh.set(text(id), { name: text(name), occurredAt: happenedAt });
      }
      for (const [key, id] of rowsOf(parameters.slice(9))) {
        const one = fresh.get(text(id));
        if (one)
          yield* run.insert(mark, { key: text(key), event_name: one.name, occurred_at: one.occurredAt, event_id: text(id) });
      }
      const stale = list(parameters[0]).filter((id) => !fresh.has(text(id)));
      return [{ now: new Date(now), stale }];
    },

    *find_earlier_events(run, parameters) {
      return rowsOf(parameters).flatMap(([source, sourceEventId, rawHash], index) => {
        const same = run.values(event, (one) => one.source === source);
        const found =
          same.find((one) => one.source_event_id !== null && one.source_event_id === sourceEventId) ??
          same.find((one) => one.raw_hash !== null && rawHash !== null && one.raw_hash.equals(rawHash as Buffer));
        if (!found) return [];
        const sameId = found.source_event_id === (sourceEventId ?? null);
        return [{ position: index + 1, id: found.id, contentHash: found.content_hash, sameId }];
      });
    },

    *events_by_ids(run, [ids]) {
      const wanted = new Set(list(ids));
      return run
        .values(event, ({ id }) => wanted.has(id))
        .map(({ id, source, name, occurred_at, received_at, test, sealed }) => ({
          id,
          source,
          name,
          occurredAt: new Date(occurred_at),
          receivedAt: new Date(received_at),
          test,
          content: null,
          sealed,
        }));
    },

    *marks_of_keys(run, [keys, names, since]) {
      const wanted = new Map(rowsOf([keys, since]).map(([key, at]) => [text(key), moment(at) ?? Number.NEGATIVE_INFINITY]));
      const named = new Set(list(names));
      return run
        .values(mark, (one) => one.occurred_at >= (wanted.get(one.key) ?? Number.POSITIVE_INFINITY) && named.has(one.event_name))
        .map((one) => ({
          key: one.key,
          eventName: one.event_name,
          occurredAt: new Date(one.occurred_at),
          eventId: one.event_id,
        }));
    },
  };
}
