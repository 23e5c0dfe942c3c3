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
  const own = versions.filter((version) => version.key === key).sort((a, b) => a.version - b.version);
  const groups: VersionOfJourney[][] = [];
  for (const version of own) {
    const last = groups.at(-1);
    if (last?.[0]?.treatment === version.treatment) last.push(version);
    else groups.push([version]);
  }
  return groups.map((group, index) => ({
    id: `${key}:${group[0]?.version}`,
    versions: group.map(({ version }) => version),
    holdoutPercent: group[0]?.holdoutPercent ?? 0,
    window: Math.max(...group.map(({ window }) => window)),
    isCurrent: enteredNow.size > 0 ? group.some(({ version }) => enteredNow.has(version)) : index === groups.length - 1,
  }));
}
