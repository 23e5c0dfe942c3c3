import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { KeyedHash } from './keyed-hash';

it("gives what Node's HMAC gives, for any key and any text, one after the other", () => {
  fc.assert(
    fc.property(
      fc.string({ minLength: 1, maxLength: 200, unit: 'binary' }),
      fc.array(fc.string({ maxLength: 3_000, unit: 'binary' })),
      (key, texts) => {
        const keyed = new KeyedHash(key);
        for (const text of texts) expect(keyed.hex(text)).toBe(createHmac('sha256', key).update(text).digest('hex'));
      },
    ),
  );
});
