import { randomBytes } from 'node:crypto';

/**
 * A token of eleven characters, 66 random bits. None ends in a hyphen: where a text goes on behind a link, Android ends the link at the
 * last word boundary (android.util.Patterns.WEB_URL, read 2026-11-29), and a customer would follow one that is not there.
 */
export function newToken(draw: (bytes: number) => Buffer = randomBytes): string {
  for (;;) {
    const token = draw(9).toString('base64url').slice(0, 11);
    if (!token.endsWith('-')) return token;
  }
}
