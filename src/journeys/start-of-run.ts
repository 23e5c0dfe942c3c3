import { toIso } from '@wapas/kernel';
import { type RunStarted } from './journeys.api';
import { type StoredRun } from './store/run.store';

/** What others are told of a run's beginning. */
export const startOf = ({ state, journeyKey, version, test, personId, guard }: StoredRun): RunStarted => ({
  runId: state.id,
  journeyKey,
  version,
  arm: state.arm,
  test,
  reasonClass: state.facts.reason?.class ?? null,
  personId,
  droppedOffAt: toIso(guard.since),
  at: toIso(state.startedAt),
});
