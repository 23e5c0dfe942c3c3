/** A replay with what has come out so far, as it is stored. */
interface Found {
  readonly kind: 'audit' | 'whatif';
  readonly state: string;
  readonly result: object | null;
}

/** What was compared with what. */
interface Counted {
  readonly runs?: number;
  readonly differences?: number;
  readonly messages?: Readonly<Record<'would' | 'was' | 'added' | 'dropped' | 'moved' | 'rechannelled', number>>;
}

/** Whether all came out alike. Null until the replay is done, since the rest may differ, and when there was nothing to compare. */
export function identicalOf({ kind, state, result }: Found): boolean | null {
  if (state !== 'done' || result === null) return null;
  const { runs = 0, differences = 0, messages } = result as Counted;
  if (kind === 'audit') return runs === 0 ? null : differences === 0;
  if (messages === undefined || messages.would + messages.was === 0) return null;
  return messages.added + messages.dropped + messages.moved + messages.rechannelled === 0;
}
