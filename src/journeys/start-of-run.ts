import { toIso } from '@wapas/kernel';
import { type RunStarted } from './journeys.api';
import { type JourneyVersion } from './rules/definition';
import { variantOfRun } from './rules/variant-of-run';
import { type StoredRun } from './store/run.store';

/** What others are told of a run's beginning. */
export const startOf = ({ state, journeyKey, test, personId, guard }: StoredRun, version: JourneyVersion): RunStarted => ({
  runId: state.id,
  journeyKey,
  version: version.version,
  variant: variantOfRun(version, state.unit),
  arm: state.arm,
  test,
  reasonClass: state.facts.reason?.class ?? null,
  personId,
  droppedOffAt: toIso(guard.since),
  at: toIso(state.startedAt),
});
