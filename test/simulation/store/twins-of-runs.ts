import { type Twin } from './postgres';
import { type Tables } from './tables';
import { byNumber, byText, dateOrNull, type Element, intOrNull, json, list, moment, rowsOf, text, textOrNull } from './values';

const DAY = 24 * 3_600_000;

/** Twins of `src/journeys/store`. */
export function twinsOfRuns(tables: Tables): Record<string, Twin> {
  const { run: runs, runKey, decision, refusal, version, standing } = tables;
  type Run = ReturnType<typeof runs.all>[number];

  const columns = (one: Run) => ({
    id: one.id,
    journeyKey: one.journey_key,
    version: one.version,
    personId: one.person_id,
    movedFrom: null,
    arm: one.arm,
    test: one.test,
    lap: one.lap,
    startedAt: new Date(one.started_at),
    expiresAt: new Date(one.expires_at),
    enteredAt: new Date(one.entered_at),
    reasonClass: one.reason_class,
    nextStep: one.next_step,
    dueAt: dateOrNull(one.due_at),
    signals: json(one.signals),
    facts: null,
    sealed: one.sealed,
    stops: json(one.stops),
    memory: json(one.memory),
    endedAt: dateOrNull(one.ended_at),
  });
  const memoryOf = (one: Run): Record<string, unknown> => json(one.memory) as Record<string, unknown>;

  return {
    *is_any_run_due(run) {
      return [{ isDue: run.values(runs, (one) => one.due_at !== null && one.due_at <= run.now).length > 0 }];
    },

    *walk_live_runs(run, [from, afterId, limit]) {
      const since = moment(from) as number;
      const isBeyond = ({ due_at, id }: Run): boolean =>
        due_at !== null && (due_at > since || (due_at === since && id > text(afterId)));
      return run
        .values(runs, (one) => !one.test && isBeyond(one))
        .sort((a, b) => (a.due_at as number) - (b.due_at as number) || (a.id < b.id ? -1 : 1))
        .slice(0, Number(limit))
        .map((one) => ({ id: one.id, dueAt: dateOrNull(one.due_at), facts: null, stops: json(one.stops), sealed: one.sealed }));
    },

    *claim_due_runs(run, [limit]) {
      const due = run
        .find(runs, (one) => one.due_at !== null && one.due_at <= run.now)
        .sort(byNumber(({ values }) => values.due_at as number))
        .filter(({ row }) => run.isFree(row))
        .slice(0, Number(limit));
      for (const { row } of due) run.own(row);
      return due.map(({ values }) => columns(values));
    },

    *lock_runs(run, [ids]) {
      const wanted = new Set(list(ids));
      const found = run.find(runs, ({ id }) => wanted.has(id)).sort(byText(({ values }) => values.id));
      const locked: Run[] = [];
      for (const { row } of found) {
        const values = yield* run.lock(row, () => true);
        if (values !== undefined) locked.push(values);
      }
      return locked.map(columns);
    },

    *save_runs(run, parameters) {
      for (const [
        id,
        nextStep,
        dueAt,
        signals,
        sealed,
        endedAt,
        endReason,
        endEventId,
        lap,
        startedAt,
        expiresAt,
        memory,
        rails,
      ] of rowsOf(parameters)) {
        yield* run.updateAll(
          run.find(runs, (one) => one.id === id),
          () => true,
          (one) => ({
            next_step: Number(nextStep),
            due_at: moment(dueAt),
            signals: text(signals),
            sealed: (sealed as Buffer | null) ?? one.sealed,
            rails: sealed === null ? one.rails : textOrNull(rails),
            lap: Number(lap),
            started_at: moment(startedAt) as number,
            expires_at: moment(expiresAt) as number,
            memory: text(memory),
            ended_at: one.ended_at ?? moment(endedAt),
            end_reason: one.end_reason ?? textOrNull(endReason),
            end_event_id: one.ended_at === null ? textOrNull(endEventId) : one.end_event_id,
          }),
        );
      }
      return [];
    },

    *postpone_runs(run, [ids]) {
      const wanted = new Set(list(ids));
      yield* run.updateAll(
        run.find(runs, ({ id }) => wanted.has(id)),
        () => true,
        () => ({ due_at: run.now + 60_000 }),
      );
      return [];
    },

    *move_runs(run, parameters) {
      for (const [id, nextStep, dueAt] of rowsOf(parameters)) {
        yield* run.updateAll(
          run.find(runs, (one) => one.id === id),
          () => true,
          () => ({ next_step: Number(nextStep), due_at: moment(dueAt) }),
        );
      }
      return [];
    },

    *insert_runs(run, parameters) {
      // The seventeenth is one for all: when they entered.
      for (const row of rowsOf([...parameters.slice(0, 16), ...parameters.slice(17)])) {
        const [id, journey, of, personId, triggerId, correlation, arm, test, lap, startedAt, expiresAt, nextStep, dueAt] = row;
        yield* run.insert(runs, {
          id: text(id),
          journey_key: text(journey),
          version: Number(of),
          person_id: text(personId),
          trigger_id: text(triggerId),
          correlation: text(correlation),
          arm: text(arm),
          test: test === true,
          lap: Number(lap),
          started_at: moment(startedAt) as number,
          expires_at: moment(expiresAt) as number,
          next_step: Number(nextStep),
          due_at: moment(dueAt),
          signals: '{}',
          sealed: row[13] as Buffer,
          entered_at: moment(parameters[16] as Element) as number,
          reason_class: textOrNull(row[16]),
          rails: textOrNull(row[17]),
          stops: text(row[14]),
          memory: text(row[15]),
          ended_at: null,
          end_reason: null,
          end_event_id: null,
        });
      }
      return [];
    },

    *insert_run_keys(run, parameters) {
      for (const [key, runId, absorbing] of rowsOf(parameters))
        yield* run.insert(runKey, { key: text(key), run_id: text(runId), absorbing: absorbing === true });
      return [];
    },

    /** What led to decisions is kept for the timeline; nothing of the send path reads it. */
    *insert_run_inputs() {
      return [];
    },

    /** Reports are not played: what they take back is not kept. */
    *add_run_reversals() {
      return [];
    },

    /** Mass incidents are not played: their tallies are not kept. */
    *add_failures() {
      return [];
    },

    *insert_decisions(run, parameters) {
      for (const [runId, at, kind, step, reason, detail] of rowsOf(parameters))
        yield* run.insert(decision, {
          run_id: text(runId),
          at: moment(at) as number,
          kind: text(kind),
          step: textOrNull(step),
          reason: textOrNull(reason),
          detail: textOrNull(detail),
        });
      return [];
    },

    *insert_refusals(run, parameters) {
      for (const [eventId, journeyKey, , personId, reason, at] of rowsOf(parameters))
        yield* run.insert(
          refusal,
          {
            event_id: text(eventId),
            journey_key: text(journeyKey),
            person_id: textOrNull(personId),
            reason: text(reason),
            at: moment(at) as number,
          },
          'do nothing',
        );
      return [];
    },

    *live_runs_by_keys(run, [keys]) {
      const wanted = new Set(list(keys));
      return run
        .values(runKey, ({ key }) => wanted.has(key))
        .flatMap(({ key, run_id, absorbing }) =>
          run
            .values(runs, (one) => {
              if (one.id !== run_id) return false;
              if (one.ended_at === null) return true;
              return one.end_reason === 'window_over' && one.started_at > run.now - 30 * DAY && !('hasLateGoal' in memoryOf(one));
            })
            .map((one) => ({ key, absorbing, runId: one.id })),
        );
    },

    *runs_of_matters(run, parameters) {
      return rowsOf(parameters).flatMap(([journeyKey, correlation], index) => {
        const own = run.values(runs, (one) => one.journey_key === journeyKey && one.correlation === correlation);
        if (own.length === 0) return [];
        const ended = own.flatMap((one) => one.ended_at ?? []);
        const live = own.find((one) => one.ended_at === null);
        return [
          {
            position: index + 1,
            liveId: live?.id ?? null,
            livePersonId: live?.person_id ?? null,
            lastEndedAt: ended.length === 0 ? null : new Date(Math.max(...ended)),
            entries: own.length,
          },
        ];
      });
    },

    *people_entered(run, parameters) {
      return rowsOf(parameters).flatMap(([journeyKey, personId]) => {
        const own = run.values(runs, (one) => one.journey_key === journeyKey && one.person_id === personId);
        if (own.length === 0) return [];
        return [{ journeyKey, personId, enteredAt: new Date(Math.max(...own.map((one) => one.started_at))) }];
      });
    },

    *unpark_runs(run, [going, limit, ...incidents]) {
      const open = new Set(list(going));
      const down = rowsOf(incidents).map(([dimension, value, gateway]) => ({
        dimension: text(dimension),
        value: text(value),
        gateway: textOrNull(gateway),
      }));
      const isHeld = ({ memory, rails }: Run): boolean => {
        if ((json(memory) as { parked: { reason: string } }).parked.reason === 'journey_paused') return false;
        const own = (rails === null ? {} : json(rails)) as Readonly<Record<string, string>>;
        return down.some(
          ({ dimension, value, gateway }) =>
            own[dimension] === value && (gateway === null || own.gateway === undefined || own.gateway === gateway),
        );
      };
      const ready = run
        .find(runs, (one) => one.ended_at === null && open.has(one.journey_key) && 'parked' in memoryOf(one) && !isHeld(one))
        .filter(({ row }) => run.isFree(row))
        .slice(0, Number(limit));
      return ready.map(({ row, values }) => {
        const { parked, ...memory } = memoryOf(values) as { parked: { dueAt: number } };
        run.update(row, { due_at: Math.max(parked.dueAt, run.now), memory: JSON.stringify(memory) });
        return { id: values.id };
      });
    },

    *journey_versions(run) {
      return run
        .values(version, () => true)
        .sort(byNumber((one) => one.version))
        .sort(byText((one) => one.key))
        .map((one) => ({
          key: one.key,
          version: one.version,
          definition: json(one.definition),
          contentHash: one.content_hash,
          publishedAt: new Date(one.published_at),
          mode: 'live',
          share: intOrNull(100),
        }));
    },

    *recovered_runs_by_keys(run, [keys]) {
      const wanted = new Set(list(keys));
      return run
        .values(runKey, ({ key, absorbing }) => absorbing && wanted.has(key))
        .flatMap(({ key, run_id }) =>
          run
            .values(runs, (one) => one.id === run_id && one.end_reason === 'goal_reached')
            .map((one) => ({ key, ...columns(one) })),
        );
    },

    *journey_standings(run) {
      return run.values(standing, () => true).map((one) => ({ key: one.key, standing: one.standing }));
    },

    /** The lock of a journey is an advisory one of its name. */
    *lock_journey(run, [key]) {
      yield* run.takeAdvisory(`journey:${text(key)}`);
      return [];
    },

    *set_journey_standing(run, [key, stands]) {
      const set = { key: text(key), standing: text(stands) };
      const before = yield* run.conflict(standing, set);
      if (!before) yield* run.insert(standing, set);
      else if ((yield* run.lock(before.row, () => true)) !== undefined) run.update(before.row, set);
      return [];
    },

    /** Who did what is kept for people; nothing of the send path reads it. */
    *add_journey_audit() {
      return [];
    },

    *add_operation_audit() {
      return [];
    },
  };
}
