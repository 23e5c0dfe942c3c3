import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Post } from './sign.test-kit';

/** A webhook of a vendor, unsigned, and what it must read as. */
export interface Fixture {
  readonly file: string;
  readonly origin: Origin;
  /** Headers that carry meaning. */
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON; written as compact text. */
  readonly body?: unknown;
  /** Or the fields of a form; */
  readonly form?: Readonly<Record<string, string>>;
  /** or the text itself. */
  readonly text?: string;
  readonly reads: Reads;
}

/** `from`: the vendor's own page shows this payload. `madeAfter`: we made it after what that page says. */
export type Origin = { readonly readOn: string; readonly note?: string } & (
  { readonly from: string } | { readonly madeAfter: string }
);

export type Reads =
  /** In part: what is not named may be anything. Times as RFC 3339 in UTC. */
  | { readonly events: readonly object[]; readonly unusable?: string }
  | { readonly ignored: string }
  | { readonly unusable: string };

/** The fixtures in a folder; an empty list when there are none. */
export function fixturesIn(folder: string): Fixture[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .sort()
    .map((file) => ({ file, ...(JSON.parse(readFileSync(join(folder, file), 'utf8')) as Omit<Fixture, 'file'>) }));
}

/** The post without its proof. */
export function postOf({ headers, body, form, text }: Fixture): Post {
  const written = text ?? (form ? new URLSearchParams(form).toString() : JSON.stringify(body));
  return {
    headers: { 'content-type': form ? 'application/x-www-form-urlencoded' : 'application/json', ...headers },
    rawBody: Buffer.from(written),
  };
}
