import { type EntityKey } from '@wapas/entity-keys';

/** Four megabytes, however many keys: of two million one in five hundred others is taken for one of them. */
const BITS = 2 ** 25;
const BITS_A_KEY = 4;

/** Which keys there have been, in a fixed amount of memory (a Bloom filter). What it has not seen it may take for seen, never the other way. */
export class SeenKeys {
  private readonly words = new Uint32Array(BITS / 32);

  add(key: EntityKey): void {
    for (const bit of bitsOf(key)) this.words[bit >>> 5] = (this.words[bit >>> 5] as number) | (1 << (bit & 31));
  }

  /** False: it has certainly not been there. */
  mayHave = (key: EntityKey): boolean =>
    bitsOf(key).every((bit) => ((this.words[bit >>> 5] as number) & (1 << (bit & 31))) !== 0);
}

/** A key is a hash already: two numbers of its digits, and steps from the one by the other. */
function bitsOf(key: EntityKey): number[] {
  const first = Number.parseInt(key.slice(0, 8), 16);
  const step = Number.parseInt(key.slice(24, 32), 16) | 1;
  return Array.from({ length: BITS_A_KEY }, (_, turn) => (first + turn * step) & (BITS - 1));
}
