import { after, type Duration, type Instant } from '@wapas/kernel';

/** A version of a definition as far as its waits are concerned. */
export interface WaitTerms {
  readonly idle: Duration;
  readonly isRetired: boolean;
  /** The version in force, where this one no longer is. */
  readonly successor?: { readonly id: number; readonly idle: Duration; readonly publishedAt: Instant };
}

/** What the marks of a key say at the moment its wait is due. All times are those of the events, whenever they arrived. */
export interface Seen {
  /** The latest activity; null when there is none (any more). */
  readonly lastAt: Instant | null;
  /** The latest ending; null when there was none. */
  readonly endedAt: Instant | null;
}

export type Settlement =
  | { readonly kind: 'derive'; readonly at: Instant }
  /** There was activity since: look again when that has been followed by silence. */
  | { readonly kind: 'look_again'; readonly at: Instant }
  /** The activity belongs to the version that has come into force meanwhile. */
  | { readonly kind: 'hand_over'; readonly to: number; readonly at: Instant }
  | { readonly kind: 'drop' };

/** What becomes of a wait that is due. An ending at the very moment of the last activity ends it. */
export function settleWait({ idle, isRetired, successor }: WaitTerms, { lastAt, endedAt }: Seen, now: Instant): Settlement {
  if (isRetired || lastAt === null) return { kind: 'drop' };
  if (endedAt !== null && endedAt >= lastAt) return { kind: 'drop' };
  // What began before a change ends as it began; what happened after it is for the new version.
  if (successor && lastAt >= successor.publishedAt)
    return { kind: 'hand_over', to: successor.id, at: after(lastAt, successor.idle) };
  const silentUntil = after(lastAt, idle);
  return silentUntil <= now ? { kind: 'derive', at: silentUntil } : { kind: 'look_again', at: silentUntil };
}
