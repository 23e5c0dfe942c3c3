import { Inject, Injectable } from '@nestjs/common';
import { BusinessClock, Database, GroupCommit, isOutOfReach } from '@wapas/database';
import { between, type Instant } from '@wapas/kernel';
import { type Content, failed, type SendOutcome } from '@wapas/provider-kit';
import { TOKEN_BUCKET, type TokenBucket, WORK_QUEUE, type WorkQueue } from '@wapas/work-queue';
import { CONFIG, type Config } from '../config/config';
import { Log } from '../log';
import { CheckStatus } from './check-status';
import { ClaimMessages, type ClaimedMessage } from './claim-messages';
import { ChooseProvider } from './choose-provider';
import { KeepBreakers } from './keep-breakers';
import { KeepPauses } from './keep-pauses';
import { NoteMistakes } from './note-mistakes';
import { ProviderRegistry, type RegisteredProvider } from './provider-registry';
import { RecordCalls } from './record-calls';
import { afterCall } from './rules/message-state';
import { outcomeOfAll } from './rules/outcome-of-all';
import { templateOf } from './rules/pauses';
import { Slots } from './slots';
import { SpaceOut } from './space-out';
import { type Claimable, messageStore } from './store/message.store';
import { spendStore } from './store/spend.store';
import { waitingStore } from './store/waiting.store';
import { SuppressMarketing } from './suppress-marketing';
import { WatchAccounts } from './watch-accounts';

/** Jobs wait for slots, tokens and each other's claims; slots, not jobs, bound what is on the wire. */
const JOBS_AT_ONCE = 8;
/** Jobs that are ready together are claimed in one transaction. Not more of them: a goal waits for the locks of the whole claim. */
const CLAIMED_TOGETHER = 100;
/** One claim is being decided while another one waits for its commit. */
const CLAIMS_AT_ONCE = 2;
/** What is claimed starts within this, or is given back: a backlog must not hold messages past a goal (P5). */
const START_WITHIN_MS = 1_000;

/** What belongs to one provider. */
interface Lane {
  readonly slots: Slots;
  readonly claims: GroupCommit<readonly string[], readonly ClaimedMessage[]>;
}

/**
 * Sends what the work queue wakes it for. Takes slots and tokens first and claims only what can start now: the rate limit
 * stands in front of the claim, so nothing waits behind it with its goal already checked (D5).
 */
@Injectable()
export class DispatchMessages {
  private readonly open = new Set<Promise<void>>();
  private readonly lanes = new Map<string, Lane>();
  private stopping = false;

  constructor(
    @Inject(WORK_QUEUE) private readonly queue: WorkQueue,
    @Inject(TOKEN_BUCKET) private readonly bucket: TokenBucket,
    @Inject(ProviderRegistry) private readonly providers: ProviderRegistry,
    @Inject(CheckStatus) private readonly checkStatus: CheckStatus,
    @Inject(SpaceOut) private readonly spaceOut: SpaceOut,
    @Inject(ClaimMessages) private readonly claimMessages: ClaimMessages,
    @Inject(RecordCalls) private readonly recordCalls: RecordCalls,
    @Inject(KeepPauses) private readonly keepPauses: KeepPauses,
    @Inject(NoteMistakes) private readonly noteMistakes: NoteMistakes,
    @Inject(WatchAccounts) private readonly watchAccounts: WatchAccounts,
    @Inject(KeepBreakers) private readonly keepBreakers: KeepBreakers,
    @Inject(ChooseProvider) private readonly chooseProvider: ChooseProvider,
    @Inject(SuppressMarketing) private readonly suppressMarketing: SuppressMarketing,
    @Inject(Database) private readonly database: Database,
    @Inject(BusinessClock) private readonly clock: BusinessClock,
    @Inject(CONFIG) private readonly config: Pick<Config, 'businessZone'>,
    @Inject(Log) private readonly log: Log,
  ) {}

  start(): void {
    for (const registered of this.providers.all) {
      this.lanes.set(registered.name, this.laneOf(registered));
      this.queue.work(registered.name, (ids) => this.dispatch(registered, ids), { jobsAtOnce: JOBS_AT_ONCE });
    }
  }

  /** Starts no more calls and waits for those that are open. */
  async stop(): Promise<void> {
    this.stopping = true;
    await Promise.all(this.open);
  }

  /**
   * Works one job off: as many at a time as slots and tokens allow. A token whose message turned out not to be sendable
   * serves the next one: thousands who have paid meanwhile must not slow the others down. What is left when we stop is
   * offered again elsewhere; what is left when the provider is shut, as soon as it is not.
   */
  private async dispatch(registered: RegisteredProvider, ids: readonly string[]): Promise<void> {
    const lane = this.lanes.get(registered.name) as Lane;
    let tokens = 0;
    let left = this.chooseProvider.isShut(registered.name) ? ids : await this.ready(registered, ids);
    while (left.length > 0 && !this.stopping && !this.chooseProvider.isShut(registered.name)) {
      await this.recordCalls.room();
      const free = await lane.slots.take(left.length);
      if (tokens === 0) tokens = await this.takeTokens(registered, free);
      const count = Math.min(free, tokens);
      lane.slots.giveBack(free - count);
      if (count === 0) break;
      tokens -= await this.claimAndStart(registered, left.slice(0, count), lane);
      left = left.slice(count);
    }
    if (left.length > 0 && !this.stopping) await waitingStore.letGo(this.database, registered.name, left);
  }

  /** Those whose payment stands as it should and whose person the vendor lets us write to now; the others are held back or given up. */
  private async ready(registered: RegisteredProvider, ids: readonly string[]): Promise<readonly string[]> {
    return this.spaceOut.before(registered, await this.checkStatus.before(registered.channel, ids));
  }

  /** Waits until the account's rate allows at least one call. None when we stop, or when the provider is or was shut meanwhile. */
  private async takeTokens({ name, provider }: RegisteredProvider, wanted: number): Promise<number> {
    const admitted = await this.keepBreakers.admit(name, wanted);
    while (admitted > 0 && !this.stopping) {
      const { granted, retryInMs } = await this.bucket.take(name, admitted, provider.maxPerSecond);
      if (granted > 0) return granted;
      await new Promise((resolve) => setTimeout(resolve, retryInMs));
      // Nothing is claimed meanwhile, so nothing waits with its goal already checked.
      if (this.keepPauses.heldForMs(name) > 0) return 0;
    }
    return 0;
  }

  /** Takes over the slots of these ids. Gives how many calls it started. */
  private async claimAndStart(registered: RegisteredProvider, ids: readonly string[], { slots, claims }: Lane): Promise<number> {
    let started = 0;
    try {
      for (const one of await claims.add(ids)) started += this.startCall(registered, one, slots);
      return started;
    } finally {
      slots.giveBack(ids.length - started);
    }
  }

  private laneOf(registered: RegisteredProvider): Lane {
    return {
      slots: new Slots(registered.provider.maxConcurrent),
      claims: new GroupCommit((jobs) => this.claimTogether(registered, jobs), {
        maxWeight: CLAIMED_TOGETHER,
        weigh: (ids) => ids.length,
        lanes: CLAIMS_AT_ONCE,
        concernsAll: isOutOfReach,
      }),
    };
  }

  /** Gives each job what was claimed of it; an id that came twice goes to the first. */
  private async claimTogether(
    registered: RegisteredProvider,
    jobs: readonly (readonly string[])[],
  ): Promise<(readonly ClaimedMessage[])[]> {
    const claimedAt = performance.now();
    const claimed = await this.claimMessages.claim(registered, jobs.flat());
    if (performance.now() - claimedAt > START_WITHIN_MS) {
      await this.giveBack(claimed);
      return jobs.map(() => []);
    }
    const left = new Map(claimed.map((one) => [one.message.id, one]));
    return jobs.map((ids) =>
      ids.flatMap((id) => {
        const own = left.get(id);
        left.delete(id);
        return own ?? [];
      }),
    );
  }

  private async giveBack(claimed: readonly ClaimedMessage[]): Promise<void> {
    const calls = claimed.map(({ message, fence }) => ({ id: message.id, fence, isPaidFor: false }));
    await this.database.transaction(async (tx) => {
      spendStore.settle(tx, this.config.businessZone, calls);
      await messageStore.giveBack(tx, calls);
    });
  }

  private startCall(registered: RegisteredProvider, claimed: ClaimedMessage, slots: Slots): 1 {
    const call = this.call(registered, claimed, () => slots.giveBack(1))
      .catch((error: unknown) => this.log.trouble('dispatch failed', error, { messageId: claimed.message.id }))
      .finally(() => this.open.delete(call));
    this.open.add(call);
    return 1;
  }

  /** `ended`: the provider has answered; its place is free while the outcome is being stored. */
  private async call(registered: RegisteredProvider, claimed: ClaimedMessage, ended: () => void): Promise<void> {
    const { name, channel, provider } = registered;
    const { message, address, further, fence, now } = claimed;
    const startedAt = Date.now();
    const parts = await Promise.all(
      [address, ...further].map(async ({ key, value }, part) => ({
        addressKey: key,
        outcome: await this.send(registered, claimed, { value, part }),
      })),
    ).finally(ended);
    const outcome = outcomeOfAll(parts.map((part) => part.outcome));
    const after = afterCall(outcome, {
      messageId: message.id,
      attempt: fence,
      resendIsSafe: provider.capabilities.resendIsSafe,
      leftMs: this.realMsBetween(now, message.notAfter) - (Date.now() - startedAt),
      instead: outcome.outcome === 'accepted' ? null : this.instead(name, message),
      maybeSent: message.maybeSent,
    });
    await this.recordCalls.record({
      provider: name,
      channel,
      call: { messageId: message.id, fence, startedAt, endedAt: Date.now(), parts, outcome, after },
    });
    await this.note(name, message.content, outcome, parts, startedAt);
    const failures = parts.flatMap(({ addressKey, outcome: one }) =>
      one.outcome === 'failed' ? [{ provider: name, addressKey, failure: one.failure }] : [],
    );
    for (const { failure } of failures) this.noteMistakes.note(name, failure, templateOf(message.content), false);
    await this.suppressMarketing.after(failures);
  }

  private instead(name: string, { channel, content, guard, tried }: Claimable): string | null {
    return this.chooseProvider.instead(name, { channel, content, purpose: guard.purpose ?? 'service' }, tried ?? []);
  }

  private realMsBetween(now: Instant, then: Instant): number {
    return between(now, then) / (this.clock.rate || 1);
  }

  private send(
    { name, addressKind, provider }: RegisteredProvider,
    { message, fence, now }: ClaimedMessage,
    { value, part }: { value: string; part: number },
  ): Promise<SendOutcome> {
    return provider
      .send({
        attemptId: attemptIdOf(message.id, fence, part),
        messageId: message.id,
        address: { kind: addressKind, value },
        content: message.content,
        validForSeconds: Math.max(1, Math.floor(this.realMsBetween(now, message.notAfter) / 1_000)),
      })
      .catch((error: unknown): SendOutcome => this.brokenProvider(name, error));
  }

  /** Pauses and breakers are worth keeping, not worth failing for: the next failure of the kind says it again. */
  private async note(
    provider: string,
    content: Content,
    outcome: SendOutcome,
    parts: readonly { readonly outcome: SendOutcome }[],
    startedAt: number,
  ): Promise<void> {
    const failure = outcome.outcome === 'failed' ? outcome.failure : null;
    try {
      await this.keepBreakers.note(provider, outcome, startedAt);
      if (failure !== null) await this.keepPauses.noteCall(provider, content, failure);
      for (const part of parts) await this.watchAccounts.note(provider, part.outcome);
    } catch (error) {
      this.log.trouble('what a call says about its provider was not stored', error, { provider });
    }
  }

  /** A provider that throws has a bug; what became of the call is anybody's guess. */
  private brokenProvider(provider: string, error: unknown): SendOutcome {
    this.log.trouble('provider threw', error, { provider });
    return failed({ class: 'unknown_outcome', scope: 'message', code: 'provider_threw' });
  }
}

/** Our reference for one call. It is made of what the row already knows, so a crash between call and record loses nothing. */
export function attemptIdOf(messageId: string, fence: number, part = 0): string {
  return part === 0 ? `${messageId}.${fence}` : `${messageId}.${fence}.${part}`;
}

export function messageIdOf(attemptId: string): string | null {
  return /^([0-9a-f-]{36})\.\d{1,9}(?:\.\d)?$/.exec(attemptId)?.[1] ?? null;
}
