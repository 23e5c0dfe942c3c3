/** What is asked of the roll-ups: one journey, entries of whole quarters of an hour. */
export interface Question {
  readonly journey: string;
  readonly from: Date;
  readonly to: Date;
  /** IANA name: where days begin. */
  readonly zone: string;
  readonly grain: Grain;
  /** Where its periods begin, the first one with the range, and where the last one ends. */
  readonly bounds: readonly Date[];
  readonly breakdown: Breakdown;
}

export const GRAINS = ['all', 'hour', 'day', 'week', 'month'] as const;
export type Grain = (typeof GRAINS)[number];
export const BREAKDOWNS = ['none', 'version', 'variant', 'reason', 'channel'] as const;
export type Breakdown = (typeof BREAKDOWNS)[number];
