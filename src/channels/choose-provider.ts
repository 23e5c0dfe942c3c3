import { Inject, Injectable } from '@nestjs/common';
import { type Content } from '@wapas/provider-kit';
import { KeepBreakers } from './keep-breakers';
import { KeepPauses } from './keep-pauses';
import { ProviderRegistry, type RegisteredProvider } from './provider-registry';
import { type Candidate, providerFor, takesOver } from './rules/provider-order';

/** What of a message decides who may send it. */
export interface Sendable {
  readonly channel: string;
  readonly content: Content;
  readonly purpose: 'service' | 'marketing';
}

/** Waiting out a short request to be left alone is cheaper than another provider. */
const SHORT_HOLD_MS = 5_000;

/** Which provider of a channel a message goes to: the configured order, less what is paused, shut, or has refused it. */
@Injectable()
export class ChooseProvider {
  constructor(
    @Inject(ProviderRegistry) private readonly providers: ProviderRegistry,
    @Inject(KeepPauses) private readonly keepPauses: KeepPauses,
    @Inject(KeepBreakers) private readonly keepBreakers: KeepBreakers,
  ) {}

  /** For a new message. Undefined: nobody serves the channel. */
  first(message: Sendable): RegisteredProvider | undefined {
    const all = this.providers.ofChannel(message.channel);
    if (all.length < 2) return all[0];
    const name = providerFor(this.candidates(all, message), []);
    return name === null ? all[0] : this.providers.named(name);
  }

  /** For one that `from` has refused for good, or must not send for now. Null: no other works. */
  instead(from: string, message: Sendable, tried: readonly string[]): string | null {
    const all = this.providers.ofChannel(message.channel);
    return all.length < 2 ? null : takesOver(this.candidates(all, message), from, tried);
  }

  /** Who takes over everything that waits at a provider. Null: it stays shut for a moment only, or nobody else works. */
  insteadOfAll(from: RegisteredProvider): string | null {
    if (!this.isOutOfUse(from.name)) return null;
    const all = this.providers.ofChannel(from.channel);
    // What a template's pause or marketing alone is refused for is asked of each message at its claim.
    return takesOver(
      all.map(({ name }) => ({ name, isRefused: this.keepPauses.isPaused(name), isShut: this.isOutOfUse(name) })),
      from.name,
      [],
    );
  }

  /** Nothing may be called there at this moment: it asked to be left alone, or its breaker is open. */
  isShut(name: string): boolean {
    return this.keepPauses.heldForMs(name) > 0 || this.keepBreakers.stateOf(name) === 'open';
  }

  /** Shut for longer than a message should wait when somebody else can take it. */
  private isOutOfUse(name: string): boolean {
    return this.keepPauses.heldForMs(name) > SHORT_HOLD_MS || this.keepBreakers.stateOf(name) === 'open';
  }

  private candidates(all: readonly RegisteredProvider[], message: Sendable): Candidate[] {
    return all.map(({ name }) => ({
      name,
      isRefused: this.keepPauses.refusalOf(name, message) !== null,
      isShut: this.isOutOfUse(name),
    }));
  }
}
