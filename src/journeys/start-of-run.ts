import { toIso } from '@wapas/kernel';
import { type RunStarted } from './journeys.events';
import { type JourneyVersion } from './rules/definition';
import { variantOfRun } from './rules/variant-of-run';
import { type StoredRun } from './store/run.store';

/** What others are told of a run's beginning: the same whenever they are told. */
export const startOf = ({ state, journeyKey, test, personId, guard, entry }: StoredRun, version: JourneyVersion): RunStarted => ({
  runId: state.id,
  journeyKey,
  version: version.version,
  variant: variantOfRun(version, state.unit),
  arm: state.arm,
  test,
  reasonClass: entry.reasonClass,
  personId,
  droppedOffAt: toIso(guard.since),
  at: toIso(entry.at),
});
