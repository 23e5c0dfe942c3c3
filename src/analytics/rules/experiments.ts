import { groupBy } from '@wapas/kernel';

/** What is known of a published version. */
export interface VersionOfJourney {
  readonly key: string;
  readonly version: number;
  readonly holdoutPercent: number;
  /** From entry: after this no goal is counted, in milliseconds. */
  readonly window: number;
  /** Equal for versions that treat people alike. */
  readonly treatment: string;
}

/** Versions that treat people alike, one after the other: they are read together. Any other change begins anew. */
export interface ExperimentVersions {
  /** `payment_failed:3`: the journey and the version it began with. */
  readonly id: string;
  readonly versions: readonly number[];
  readonly holdoutPercent: number;
  /** The longest time from entry to a goal that counts, in milliseconds. */
  readonly window: number;
  /** True for one that people enter now: several while a new version is let out to a share of them. Of a paused journey the last one. */
  readonly isCurrent: boolean;
}

/**
 * Cuts a journey's history into experiments: a change of what is sent, when, to whom, or of the holdout's share starts a
 * new one. A return to an earlier treatment is a new one too: other weeks, other people. `enteredNow`: the versions that take people in.
 */
export function experimentsOf(
  key: string,
  versions: readonly VersionOfJourney[],
  enteredNow: ReadonlySet<number>,
): ExperimentVersions[] {
  const groups = alikeInTurn(versions.filter((version) => version.key === key));
  return groups.map((group, index) => ({
    id: `${key}:${group[0]?.version}`,
    versions: group.map(({ version }) => version),
    holdoutPercent: group[0]?.holdoutPercent ?? 0,
    window: Math.max(...group.map(({ window }) => window)),
    isCurrent: enteredNow.size > 0 ? group.some(({ version }) => enteredNow.has(version)) : index === groups.length - 1,
  }));
}

/** A version, with the first and the last one of its experiment: whoever entered one of those before counts once. */
export interface VersionInExperiment<Version> {
  readonly version: Version;
  readonly first: number;
  readonly last: number;
}

export function inExperiments<Version extends VersionOfJourney>(versions: readonly Version[]): VersionInExperiment<Version>[] {
  return [...groupBy(versions, ({ key }) => key).values()]
    .flatMap((own) => alikeInTurn(own))
    .flatMap((group) => {
      const [first, last] = [group[0], group.at(-1)] as [Version, Version];
      return group.map((version) => ({ version, first: first.version, last: last.version }));
    });
}

/** Versions of one journey, cut where the treatment changes. */
function alikeInTurn<Version extends VersionOfJourney>(versions: readonly Version[]): Version[][] {
  const groups: Version[][] = [];
  for (const version of [...versions].sort((a, b) => a.version - b.version)) {
    const last = groups.at(-1);
    if (last?.[0]?.treatment === version.treatment) last.push(version);
    else groups.push([version]);
  }
  return groups;
}
