import { hash } from 'node:crypto';

const BLOCK = 64;
const DIGEST = 32;

/**
 * HMAC-SHA-256 (RFC 2104) of short texts under one key, as hex. `createHmac` builds two native objects a call, and several
 * keys are hashed for every event; two one-shot hashes give the same figure for less than half (README.md). The spec holds it
 * against `createHmac`.
 */
export class KeyedHash {
  private inner = Buffer.alloc(BLOCK + 1_024);
  private readonly outer = Buffer.alloc(BLOCK + DIGEST);

  constructor(key: string) {
    const given = Buffer.from(key);
    const block = Buffer.alloc(BLOCK);
    (given.length > BLOCK ? hash('sha256', given, 'buffer') : given).copy(block);
    for (let index = 0; index < BLOCK; index += 1) {
      this.inner[index] = (block[index] as number) ^ 0x36;
      this.outer[index] = (block[index] as number) ^ 0x5c;
    }
  }

  hex(text: string): string {
    this.makeRoomFor(text.length * 3);
    const length = this.inner.write(text, BLOCK);
    this.outer.write(hash('sha256', this.inner.subarray(0, BLOCK + length), 'binary'), BLOCK, 'latin1');
    return hash('sha256', this.outer, 'hex');
  }

  private makeRoomFor(bytes: number): void {
    if (this.inner.length >= BLOCK + bytes) return;
    const larger = Buffer.alloc(BLOCK + bytes);
    this.inner.copy(larger, 0, 0, BLOCK);
    this.inner = larger;
  }
}
