import { createHmac, timingSafeEqual } from 'node:crypto';

/** A place in a list: after what is of then, with this id. */
export interface Position {
  readonly at: number;
  readonly id: string;
}

/** A cursor goes with the list that it was given for (`list`: its filters as text), and nobody can make one. */
export function writeCursor({ at, id }: Position, list: string, secret: string): string {
  const place = `${at}.${id}`;
  return Buffer.from(`${place}.${signatureOf(place, list, secret)}`).toString('base64url');
}

/** Null for anything that was not written for this very list, letter by letter: decoding passes over letters that it does not know. */
export function readCursor(text: string, list: string, secret: string): Position | null {
  const [at, id, signature, ...more] = Buffer.from(text, 'base64url').toString('utf8').split('.');
  if (at === undefined || id === undefined || signature === undefined || more.length > 0) return null;
  const [given, wanted] = [Buffer.from(signature), Buffer.from(signatureOf(`${at}.${id}`, list, secret))];
  if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) return null;
  const position = { at: Number(at), id };
  return writeCursor(position, list, secret) === text ? position : null;
}

function signatureOf(place: string, list: string, secret: string): string {
  return createHmac('sha256', secret).update(`cursor:${place}:${list}`).digest('base64url').slice(0, 22);
}
