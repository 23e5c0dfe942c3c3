import { type Instant } from './instant';

/** A length of time in milliseconds. */
export type Duration = number & { readonly __duration: unique symbol };

const MILLIS: Record<string, number> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Reads `90s`, `15m`, `2h`, `7d` and sums such as `1h30m`. Gives null for anything else. */
export function parseDuration(text: string): Duration | null {
  if (!/^(\d{1,9}[smhd])+$/.test(text)) return null;
  let millis = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+)([smhd])/g)) millis += Number(amount) * (MILLIS[unit as string] as number);
  return millis as Duration;
}

export function durationOf(millis: number): Duration {
  return millis as Duration;
}

export const minutes = (count: number): Duration => (count * 60_000) as Duration;
export const hours = (count: number): Duration => (count * 3_600_000) as Duration;

export function after(start: Instant, length: Duration): Instant {
  return (start + length) as Instant;
}

/** From `start` to `end`; negative when `end` is earlier. */
export function between(start: Instant, end: Instant): Duration {
  return (end - start) as Duration;
}

/** `1h30m`, `45s`, `0s`: what parseDuration reads back (whole seconds). */
export function formatDuration(length: Duration): string {
  let rest = Math.round(length / 1_000);
  const parts: string[] = [];
  for (const [unit, seconds] of [
    ['d', 86_400],
    ['h', 3_600],
    ['m', 60],
    ['s', 1],
  ] as const) {
    const count = Math.floor(rest / seconds);
    if (count > 0) parts.push(`${count}${unit}`);
    rest -= count * seconds;
  }
  return parts.join('') || '0s';
}
