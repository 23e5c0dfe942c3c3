import { readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { type CountryCode, isSupportedCountry } from 'libphonenumber-js/min';
import { unknownSettings } from './unknown-settings';

export type Environment = Readonly<Record<string, string | undefined>>;

/** A sandbox may talk to plain http addresses; production may not. */
export type Mode = 'production' | 'sandbox';

/** Reads settings one by one and gathers what is wrong with them, so that all of it is told at once. */
export class SettingReader {
  readonly problems: string[] = [];
  private readonly asked = new Set<string>();

  constructor(private readonly env: Environment) {}

  problem(text: string): void {
    this.problems.push(text);
  }

  /** Variables that nobody has asked for and that seem to be meant for us, a sentence each. */
  unknown(): string[] {
    const given = Object.entries(this.env).filter(([, value]) => value !== undefined && value.trim() !== '');
    return unknownSettings(
      given.map(([name]) => name),
      this.asked,
    );
  }

  raw(name: string): string | undefined {
    this.asked.add(name);
    return this.env[name];
  }

  /** An empty variable counts as absent: that is how shells and compose files leave one out. */
  text(name: string): string | undefined {
    const value = this.raw(name)?.trim();
    return value === '' ? undefined : value;
  }

  /** The address of a server, told by how it begins. What is wrong with it is told without it: it holds a password. */
  serverUrl(name: string, schemes: readonly string[]): string | undefined {
    const value = this.text(name);
    if (value !== undefined && !schemes.some((scheme) => value.toLowerCase().startsWith(scheme)))
      this.problem(`${name} must begin with ${schemes.join(' or ')}.`);
    // `user@/name?host=/folder` is how Postgres is reached over a socket; there is no host in it.
    else if (value !== undefined && !URL.canParse(value.replace('@/', '@localhost/')))
      this.problem(
        `${name} cannot be read as an address. In a user name or password # / ? and @ are written %23 %2F %3F and %40; a port is a number.`,
      );
    return value;
  }

  list(name: string): string[] | undefined {
    return this.text(name)
      ?.split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '');
  }

  /** A misspelt country would refuse every number later, one at a time. */
  countries(name: string, fallback: readonly string[]): readonly string[] {
    const given = this.list(name) ?? fallback;
    const unknown = given.find((country) => !isSupportedCountry(country as CountryCode));
    if (given.length === 0 || !given.every((country) => /^[A-Z]{2}$/.test(country)))
      this.problem(`${name} must be ISO 3166 countries of two capital letters, such as IN.`);
    else if (unknown !== undefined)
      this.problem(
        `${name}: ${unknown} is no country of ISO 3166 that has numbers${unknown === 'UK' ? ' (the United Kingdom is GB)' : ''}.`,
      );
    return given;
  }

  /** Hosts as the addresses of links have them: in lower case, with a port where it is not the usual one. */
  hosts(name: string): string[] {
    const given = this.list(name) ?? [];
    const wrong = given.find((host) => /[/?#@*\\\s]/.test(host) || !URL.canParse(`https://${host}`));
    if (wrong === undefined) return given.map((host) => new URL(`https://${host}`).host);
    this.problem(
      `${name}: "${wrong}" is no host. Give hosts alone, such as shop.example or shop.example:8443; each is meant exactly.`,
    );
    return [];
  }

  folder(name: string): string | undefined {
    const path = this.text(name);
    try {
      if (path !== undefined) readdirSync(path);
    } catch (error) {
      this.problem(`${name}: ${resolve(path ?? '')} is no folder that can be read (${(error as NodeJS.ErrnoException).code}).`);
    }
    return path;
  }

  secret(name: string, length: number): string {
    const value = this.text(name);
    if (value === undefined)
      this.problem(`${name} is not set. Make one with: openssl rand -hex 32. Keep it: stored keys depend on it.`);
    else if (value.length < length) this.problem(`${name} is shorter than ${length} characters.`);
    return value ?? '';
  }

  choice<const Choice extends string>(name: string, choices: readonly Choice[], fallback: Choice): Choice {
    const value = this.text(name) ?? fallback;
    if (!choices.includes(value as Choice)) this.problem(`${name} must be one of ${choices.join(', ')}.`);
    return value as Choice;
  }

  integer(name: string, fallback: number, least: number, most: number): number {
    const text = this.text(name);
    if (text === undefined) return fallback;
    const value = Number(text);
    if (!Number.isInteger(value) || value < least || value > most)
      this.problem(`${name} must be a whole number from ${least} to ${most}.`);
    return value;
  }

  url(name: string, fallback: string | undefined, mode: Mode): string {
    const text = this.text(name) ?? fallback;
    if (text === undefined) {
      this.problem(`${name} is not set. Give the https address at which customers and vendors reach Wapas.`);
      return '';
    }
    if (!URL.canParse(text) || (mode === 'production' && !text.startsWith('https://')))
      this.problem(`${name} must be an https address.`);
    return text.replace(/\/+$/, '');
  }
}
