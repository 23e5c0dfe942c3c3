/** Fewer of a kind than this are old addresses, however few the calls were. */
const FEWEST = 10;

/** Calls of a provider within an hour. */
export interface HourOfCalls {
  readonly calls: number;
  /** How many of them were refused with one code. */
  readonly refused: number;
}

/**
 * Is it the account that is wrong, and not so many addresses? A service account of another project is refused at every token, and each
 * refusal gives a good token up.
 */
export const isWrongAccount = ({ calls, refused }: HourOfCalls, accountAbove: number): boolean =>
  refused >= FEWEST && refused > calls * accountAbove;
