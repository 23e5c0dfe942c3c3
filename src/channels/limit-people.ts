import { Inject, Injectable } from '@nestjs/common';
import { Database, type Queryable } from '@wapas/database';
import { Bus } from '@wapas/events';
import { hours } from '@wapas/kernel';
import { type BusEvents } from '../bus-events';
import { Log } from '../log';
import { ChooseProvider } from './choose-provider';
import { ProviderRegistry, type RegisteredProvider } from './provider-registry';
import { isNearlyAll, lineOfPeople, withinBudget } from './rules/people-budget';
import { settleInTime } from './settle-in-time';
import { publishSettled } from './settled';
import { messageStore } from './store/message.store';
import { type PeopleLimit, peopleLimitStore } from './store/people-limit.store';
import { waitingStore } from './store/waiting.store';

const LOOK_EVERY_MS = 1_000;
const ASK_EVERY_MS = hours(1);
/** With more people left than this the count of a moment ago is good enough; it is made of as many rows as people were reached. */
const PLENTY = 1_000;
const COUNT_IS_GOOD_FOR_MS = 5_000;
/** What a webhook told within the last minute is newer than what is asked: its time is another clock's, and in whole seconds. */
const CLOCKS_AGREE_WITHIN_MS = 60_000;

/** What is known of an account's limit. */
export interface PeopleBudget {
  readonly provider: string;
  readonly most: number;
  /** Different people in the last 24 hours. */
  readonly reached: number;
}

/**
 * Keeps how many different people a vendor lets an account write to in a moving 24 hours (WhatsApp's messaging limit). Asked before the
 * claim: over the limit a vendor refuses with a code that says little, and counts it against the number. Whoever was reached within the
 * 24 hours may always be written to. What finds no room goes to another provider of the channel, or is over: its run falls forward. Costs
 * nothing where no limit is known. Containers count for themselves: near the limit each counts anew for every job, and the vendor has the
 * last word.
 */
@Injectable()
export class LimitPeople {
  private readonly limits = new Map<string, PeopleLimit>();
  private readonly counts = new Map<string, { readonly at: number; readonly reached: number }>();
  private lookedAt = Number.NEGATIVE_INFINITY;
  private askedAt = Number.NEGATIVE_INFINITY;

  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(ProviderRegistry) private readonly providers: ProviderRegistry,
    @Inject(ChooseProvider) private readonly chooseProvider: ChooseProvider,
    @Inject(Bus) private readonly bus: Bus<BusEvents>,
    @Inject(Log) private readonly log: Log,
  ) {}

  /** Gives the ids that may be claimed, in their order. */
  async before({ name }: RegisteredProvider, ids: readonly string[]): Promise<readonly string[]> {
    const most = this.limits.get(name)?.mostPeople ?? null;
    if (most === null || ids.length === 0) return ids;
    const messages = await messageStore.candidates(this.database, ids);
    const people = messages.map(({ personId }) => personId);
    const known = await peopleLimitStore.reachedAmong(this.database, name, people);
    if (messages.every(({ personId }) => known.has(personId))) return ids;
    const reached = await this.reached(name, most);
    const { beyond, taken } = withinBudget(messages, known, most - reached);
    this.counts.set(name, { at: this.counts.get(name)?.at ?? performance.now(), reached: reached + taken });
    if (beyond.length === 0) return ids;
    const stays = await this.giveUp(
      name,
      beyond.map(({ id }) => id),
    );
    return ids.filter((id) => !stays.has(id));
  }

  /** A vendor told of a limit. `mostPeople` null: there is none any more. `at`: milliseconds since 1970. */
  async told(db: Queryable, provider: string, mostPeople: number | null, at: number): Promise<void> {
    if (!(await peopleLimitStore.told(db, provider, mostPeople, at))) return;
    this.log.info('limit of people', { provider, mostPeople: mostPeople ?? 'any number' });
    this.lookedAt = Number.NEGATIVE_INFINITY;
  }

  /** Called often; looks at the database once a second, and asks vendors once an hour. */
  async refresh(): Promise<void> {
    if (!this.providers.all.some(({ provider }) => provider.mostPeoplePerDay !== undefined)) return;
    if (performance.now() - this.askedAt >= ASK_EVERY_MS) {
      this.askedAt = performance.now();
      // Not waited for: a vendor that is slow to answer keeps nobody else's messages waiting.
      void this.askVendors();
    }
    if (performance.now() - this.lookedAt < LOOK_EVERY_MS) return;
    this.lookedAt = performance.now();
    for (const limit of await peopleLimitStore.known(this.database)) this.limits.set(limit.provider, limit);
    await this.countAgain();
  }

  /** Of providers whose limit is known and is one. */
  async budgets(): Promise<PeopleBudget[]> {
    const limited = [...this.limits.values()].flatMap(({ provider, mostPeople: most }) =>
      most === null ? [] : [{ provider, most }],
    );
    return Promise.all(limited.map(async (one) => ({ ...one, reached: await this.ask(one.provider) })));
  }

  /** What a person should look at, in a sentence each; from memory. */
  lines(): string[] {
    return [...this.limits.values()].flatMap(({ provider, mostPeople }) => {
      const line = mostPeople === null ? null : lineOfPeople(provider, this.counts.get(provider)?.reached ?? 0, mostPeople);
      return line ?? [];
    });
  }

  /** The 24 hours of the people that a person is told of go by also while nobody else is written to. */
  private async countAgain(): Promise<void> {
    for (const [provider, { at, reached }] of [...this.counts]) {
      const most = this.limits.get(provider)?.mostPeople ?? null;
      const isOld = performance.now() - at >= COUNT_IS_GOOD_FOR_MS;
      if (most !== null && isOld && isNearlyAll(reached, most)) await this.count(provider);
    }
  }

  private async reached(provider: string, most: number): Promise<number> {
    const last = this.counts.get(provider);
    const isGood = last !== undefined && performance.now() - last.at < COUNT_IS_GOOD_FOR_MS && most - last.reached > PLENTY;
    return isGood ? last.reached : this.count(provider);
  }

  private async count(provider: string): Promise<number> {
    const reached = await this.ask(provider);
    this.counts.set(provider, { at: performance.now(), reached });
    return reached;
  }

  /** Of a provider that is not set up any more nobody asks. */
  private async ask(provider: string): Promise<number> {
    const named = this.providers.named(provider);
    return named === undefined ? 0 : peopleLimitStore.reached(this.database, named);
  }

  /** Gives the ids that are not this provider's any more. A mandatory notice is tried all the same: the vendor may let it through. */
  private async giveUp(provider: string, ids: readonly string[]): Promise<Set<string>> {
    return this.database.transaction(async (tx) => {
      const locked = (await messageStore.lockForClaim(tx, ids, provider)).filter(({ caps }) => caps !== null);
      const placed = locked.map(({ id, channel, content, maybeSent, tried }) => ({
        id,
        // Its purpose is asked at the claim, as everything is.
        to:
          content === null || maybeSent
            ? null
            : this.chooseProvider.instead(provider, { channel, content, purpose: 'service' }, tried ?? []),
      }));
      await waitingStore.leave(
        tx,
        placed.flatMap(({ id, to }) => (to === null ? [] : [{ id, to }])),
      );
      const given = placed.flatMap(({ id, to }) =>
        to === null ? [{ id, state: 'skipped' as const, reason: 'messaging_limit' }] : [],
      );
      if (given.length > 0) await publishSettled(this.bus, tx, await messageStore.giveUp(tx, given), await tx.businessNow());
      return new Set(locked.map(({ id }) => id));
    });
  }

  /** Never rejects. */
  private async askVendors(): Promise<void> {
    for (const { name, provider } of this.providers.all) {
      const asked = provider.mostPeoplePerDay?.bind(provider);
      if (asked === undefined) continue;
      try {
        const asOf = Date.now() - CLOCKS_AGREE_WITHIN_MS;
        const most = await settleInTime(asked(), () => undefined);
        if (most !== undefined && most !== null && !(Number.isInteger(most) && most >= 0))
          throw new Error('mostPeoplePerDay() gave what is no number of people');
        if (most !== undefined) await this.told(this.database, name, most, asOf);
      } catch (error) {
        this.log.trouble('limit of people not asked', error, { provider: name });
      }
    }
  }
}
