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
  /** Registered templates that it may send. */
  readonly registered: readonly string[];
}

/** Versions that treat people alike, one after the other: they are read together. Any other change begins anew. */
export interface ExperimentVersions {
  /** `payment_failed:3`: the journey and the version it began with. */
  readonly id: string;
  readonly versions: readonly number[];
  readonly holdoutPercent: number;
  /** The longest time from entry to a goal that counts, in milliseconds. */
  readonly window: number;
  /** Entries count from this moment, inclusive, to that one, exclusive, in milliseconds since 1970: between two changes of what its templates say. */
  readonly since: number;
  readonly until: number;
  /** True for one that people enter now: several while a new version is let out to a share of them. Of a paused journey the last one. */
  readonly isCurrent: boolean;
}

/**
 * Cuts a journey's history into experiments: a change of what is sent, when, to whom, or of the holdout's share starts a
 * new one. A return to an earlier treatment is a new one too: other weeks, other people. `enteredNow`: the versions that take people in.
 * `changes`: when registered templates were given other words, which begins anew as well: `payment_failed:3.2` is what followed the first change.
 */
export function experimentsOf(
  key: string,
  versions: readonly VersionOfJourney[],
  enteredNow: ReadonlySet<number>,
  changes: readonly { readonly template: string; readonly at: number }[] = [],
): ExperimentVersions[] {
  const groups = alikeInTurn(versions.filter((version) => version.key === key));
  return groups.flatMap((group, index) => {
    const isCurrent = enteredNow.size > 0 ? group.some(({ version }) => enteredNow.has(version)) : index === groups.length - 1;
    const all = {
      id: `${key}:${group[0]?.version}`,
      versions: group.map(({ version }) => version),
      holdoutPercent: group[0]?.holdoutPercent ?? 0,
      window: Math.max(...group.map(({ window }) => window)),
    };
    const sent = new Set(group.flatMap(({ registered }) => registered));
    return stretchesBetween(changes.filter(({ template }) => sent.has(template)).map(({ at }) => at)).map(
      (stretch, part, stretches) => ({
        ...all,
        ...stretch,
        id: part === 0 ? all.id : `${all.id}.${part + 1}`,
        isCurrent: isCurrent && part === stretches.length - 1,
      }),
    );
  });
}

/** Whole quarters of an hour: that in which something was changed lies in none of the two stretches beside it. */
function stretchesBetween(changes: readonly number[]): { readonly since: number; readonly until: number }[] {
  const cut = [...new Set(changes.map((at) => Math.floor(at / QUARTER_MS)))].sort((a, b) => a - b);
  return [...cut, Infinity].map((quarter, index) => ({
    since: index === 0 ? -Infinity : ((cut[index - 1] as number) + 1) * QUARTER_MS,
    until: quarter * QUARTER_MS,
  }));
}

const QUARTER_MS = 900_000;

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
