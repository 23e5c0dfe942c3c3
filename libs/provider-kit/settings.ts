import { isAddressOrRange } from './addresses';
import { type ConfigResult } from './definition';

/**
 * Reads a provider's settings and keeps every problem, so that an operator sees all of them at once. A problem names the
 * setting and says what to do; the value itself is never part of it.
 */
export class SettingsReader {
  private readonly problems: string[] = [];

  constructor(private readonly settings: Readonly<Record<string, string | undefined>>) {}

  /** Empty or blank counts as missing: an empty secret would verify anybody's signature. */
  required(name: string, whatToDo: string): string {
    const value = this.optional(name);
    if (value === undefined) this.problem(name, `is missing or empty: ${whatToDo}`);
    return value ?? '';
  }

  optional(name: string): string | undefined {
    const value = Object.hasOwn(this.settings, name) ? this.settings[name]?.trim() : undefined;
    return value === '' ? undefined : value;
  }

  /** A secret that travels in a header or a form: printable ASCII without blanks. */
  requiredToken(name: string, whatToDo: string): string {
    const value = this.required(name, whatToDo);
    if (!/^[\x21-\x7e]*$/.test(value)) this.problem(name, 'contains blanks or unprintable characters: paste it again');
    return value;
  }

  whole(name: string, fallback: number, highest: number): number {
    const text = this.optional(name);
    if (text === undefined) return fallback;
    const value = /^\d{1,9}$/.test(text) ? Number(text) : 0;
    if (value < 1 || value > highest) this.problem(name, `must be a whole number from 1 to ${highest}`);
    return value;
  }

  flag(name: string, fallback: boolean): boolean {
    const text = this.optional(name)?.toLowerCase();
    if (text === undefined) return fallback;
    if (!['true', 'false', '1', '0', 'yes', 'no', 'on', 'off'].includes(text)) this.problem(name, 'must be true or false');
    return ['true', '1', 'yes', 'on'].includes(text);
  }

  /** An origin, with or without a path, without the slash at its end. */
  baseUrl(name: string, fallback: string): string {
    const url = this.optional(name) ?? fallback;
    const problem = problemOfUrl(url);
    if (problem !== null) this.problem(name, problem);
    return url.replace(/\/+$/, '');
  }

  /** The same without a default: missing is a problem. */
  requiredUrl(name: string, whatToDo: string): string {
    const url = this.required(name, whatToDo);
    const problem = url === '' ? null : problemOfUrl(url);
    if (problem !== null) this.problem(name, problem);
    return url.replace(/\/+$/, '');
  }

  /** Addresses and ranges of the Internet with commas between them; none when absent. */
  addresses(name: string): string[] {
    const listed =
      this.optional(name)
        ?.split(',')
        .map((one) => one.trim()) ?? [];
    if (!listed.every(isAddressOrRange))
      this.problem(name, 'must be addresses or ranges with commas between them, such as 203.0.113.7,203.0.113.0/24');
    return listed;
  }

  problem(name: string, whatIsWrong: string): void {
    this.problems.push(`${name} ${whatIsWrong}`);
  }

  /** `make` is called only when there was no problem. */
  result<Config>(make: () => Config): ConfigResult<Config> {
    return this.problems.length > 0 ? { ok: false, problems: this.problems } : { ok: true, config: make() };
  }
}

/** Credentials travel to this address, so plain http is allowed only to this machine or to a neighbour container (a name without a dot). */
export function problemOfUrl(text: string): string | null {
  if (!URL.canParse(text)) return 'must be an absolute URL such as https://vendor.example';
  const url = new URL(text);
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    return 'must be a plain URL without user, query or fragment';
  }
  const near = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\]|[a-z0-9_-]+)$/i.test(url.hostname);
  if (url.protocol === 'https:' || (url.protocol === 'http:' && near)) return null;
  return 'must begin with https:// (http:// only for this machine or a container name without a dot)';
}
