/**
 * Chance that depends on names only: the same names give the same number, whatever was drawn before and whenever it is
 * asked. So what a customer does never depends on how fast the machine is.
 */
export class Dice {
  constructor(private readonly seed: number) {}

  /** At least 0 and less than 1. */
  roll(...names: readonly (string | number)[]): number {
    return mixed(hash(`${this.seed}:${names.join(':')}`));
  }

  between(least: number, most: number, ...names: readonly (string | number)[]): number {
    return least + (most - least) * this.roll(...names);
  }

  chance(share: number, ...names: readonly (string | number)[]): boolean {
    return this.roll(...names) < share;
  }

  oneOf<T>(things: readonly T[], ...names: readonly (string | number)[]): T {
    return things[Math.floor(this.roll(...names) * things.length)] as T;
  }

  /** Shares need not add up to one. */
  weighted<T extends string>(shares: Readonly<Record<T, number>>, ...names: readonly (string | number)[]): T {
    const entries = Object.entries<number>(shares);
    let left = this.roll(...names) * entries.reduce((sum, [, share]) => sum + share, 0);
    const found = entries.find(([, share]) => (left -= share) < 0) ?? entries.at(-1);
    return found?.[0] as T;
  }
}

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  return value >>> 0;
}

/** One step of mulberry32: spreads what FNV leaves close together. */
function mixed(seed: number): number {
  const start = (seed + 0x6d2b79f5) | 0;
  const once = Math.imul(start ^ (start >>> 15), start | 1);
  const twice = once ^ (once + Math.imul(once ^ (once >>> 7), once | 61));
  return ((twice ^ (twice >>> 14)) >>> 0) / 2 ** 32;
}
