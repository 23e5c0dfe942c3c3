import { Inject, Injectable } from '@nestjs/common';
import { assertNever, hours } from '@wapas/kernel';
import { type SendFailure } from '@wapas/provider-kit';
import { Log } from '../log';
import { ProviderRegistry } from './provider-registry';
import { isOurMistake } from './rules/our-mistake';

/** So long after the last of its kind a mistake counts as mended. */
const FORGOTTEN_AFTER_MS = hours(1);
/** A vendor may print anything for a code; what comes beyond so many of them is told as one. */
const MOST_CODES = 50;
const OTHERS = 'others';

/**
 * What somebody has to mend. `malformed`: the vendor says that our request is wrong. `unlisted`: it says what stands in no table.
 * `broken`: the provider's own code failed.
 */
export interface Mistake {
  readonly provider: string;
  readonly code: string;
  readonly kind: 'malformed' | 'unlisted' | 'broken';
  readonly count: number;
}

/**
 * How a provider's own code fails: it throws, its promise never settles, it gives what is none of the contract's answers; in a call of ours
 * or when a webhook is read.
 */
export type Brokenness = 'provider_threw' | 'never_settled' | 'junk_answer' | 'webhook_threw' | 'junk_webhook';

/** For the log, when one begins. */
const FACTS: Readonly<Record<Exclude<Mistake['kind'], 'broken'>, string>> = {
  malformed: 'provider refuses as our mistake',
  unlisted: 'provider says what stands in no table',
};

/**
 * Vendors that refuse a message as malformed, codes that nobody has written down, and providers that throw or never answer. It would
 * happen again with the next message, so a person must hear of it: one line in the log when a code begins, one in `/health/ready`
 * and a figure in `/metrics` until nothing of the kind was heard for an hour. Counted in memory, by each container for itself, in
 * real time: a vendor's complaint is no row.
 */
@Injectable()
export class NoteMistakes {
  private readonly mistakes = new Map<string, Mistake & { readonly lastAt: number }>();

  constructor(
    @Inject(Log) private readonly log: Log,
    @Inject(ProviderRegistry) private readonly providers: ProviderRegistry,
  ) {}

  /** A call failed, or a report said that one did. Does nothing unless a person has to look and nothing was paused for it. */
  note(provider: string, failure: SendFailure, template: string | null, isReport: boolean): void {
    if (isOurMistake(failure, { provider, template, isReport }))
      this.count(provider, failure.code, failure.unlisted ? 'unlisted' : 'malformed');
  }

  /** A vendor told something under a code that stands in no table. */
  noteUnlisted(provider: string, codes: readonly string[]): void {
    for (const code of codes) this.count(provider, code, 'unlisted');
  }

  /** A provider threw, never said anything, or said nothing of sense. Each time has its own line in the log: it may have another cause. */
  noteBroken(provider: string, code: Brokenness, error: unknown): void {
    this.log.trouble('provider is broken', error, { provider, code, package: this.providers.named(provider)?.package });
    this.count(provider, code, 'broken');
  }

  lines(): string[] {
    return this.known().map((mistake) => inWords(mistake, this.providers.named(mistake.provider)?.package));
  }

  known(): Mistake[] {
    for (const [name, { lastAt }] of this.mistakes) if (Date.now() - lastAt > FORGOTTEN_AFTER_MS) this.mistakes.delete(name);
    return [...this.mistakes.values()];
  }

  private count(provider: string, given: string, kind: Mistake['kind']): void {
    const ofProvider = this.known().filter((one) => one.provider === provider);
    const isKnown = ofProvider.some(({ code }) => code === given);
    const code = isKnown || ofProvider.length < MOST_CODES ? given : OTHERS;
    const before = ofProvider.find((one) => one.code === code);
    if (!before && kind !== 'broken') this.log.warn(FACTS[kind], { provider, code });
    this.mistakes.set(`${provider} ${code}`, { provider, code, kind, count: (before?.count ?? 0) + 1, lastAt: Date.now() });
  }
}

function inWords({ provider, code, kind, count }: Mistake, packageName: string | undefined): string {
  switch (kind) {
    case 'malformed':
      return `${provider} refused ${count} message(s) as our mistake (${code}); see the attempts in the timelines of their runs`;
    case 'unlisted':
      return `${provider} said ${count} time(s) what stands in no table (${code}); read the vendor's page, and see the attempts in the timelines of the runs`;
    case 'broken': {
      const whose = packageName === undefined ? provider : `${provider} (package ${packageName})`;
      const follows = code.includes('webhook') ? NOT_HEARD : UNKNOWN;
      return `${whose} failed ${count} time(s) by a fault of its own (${code}); ${follows}; its author should see the log`;
    }
    default:
      return assertNever(kind);
  }
}

const UNKNOWN = 'a message whose call ended so is unknown';
const NOT_HEARD = 'what its vendor told then was not heard, or not all of it';
