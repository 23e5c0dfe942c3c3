import { Inject, Injectable } from '@nestjs/common';
import { WORK_QUEUE, type WorkQueue } from '@wapas/work-queue';
import { AdmitCalls } from './admit-calls';
import { CallProvider } from './call-provider';
import { CheckStatus } from './check-status';
import { ChooseProvider } from './choose-provider';
import { type ClaimedMessage } from './claim-messages';
import { ClaimTogether } from './claim-together';
import { LimitPeople } from './limit-people';
import { OfferMessages } from './offer-messages';
import { ProviderRegistry, type RegisteredProvider } from './provider-registry';
import { RecordCalls } from './record-calls';
import { Slots } from './slots';
import { SpaceOut } from './space-out';

/** Jobs wait for slots, tokens and each other's claims; slots, not jobs, bound what is on the wire. */
const JOBS_AT_ONCE = 8;

/**
 * Sends what the work queue wakes it for. Takes slots and tokens first and claims only what can start now: the rate limit
 * stands in front of the claim, so nothing waits behind it with its goal already checked (D5).
 */
@Injectable()
export class DispatchMessages {
  private readonly open = new Set<Promise<void>>();
  private stopping = false;

  constructor(
    @Inject(WORK_QUEUE) private readonly queue: WorkQueue,
    @Inject(ProviderRegistry) private readonly providers: ProviderRegistry,
    @Inject(ChooseProvider) private readonly chooseProvider: ChooseProvider,
    @Inject(CheckStatus) private readonly checkStatus: CheckStatus,
    @Inject(LimitPeople) private readonly limitPeople: LimitPeople,
    @Inject(SpaceOut) private readonly spaceOut: SpaceOut,
    @Inject(AdmitCalls) private readonly admitCalls: AdmitCalls,
    @Inject(ClaimTogether) private readonly claimTogether: ClaimTogether,
    @Inject(CallProvider) private readonly callProvider: CallProvider,
    @Inject(RecordCalls) private readonly recordCalls: RecordCalls,
    @Inject(OfferMessages) private readonly offerMessages: OfferMessages,
  ) {}

  start(): void {
    for (const registered of this.providers.all) {
      const slots = new Slots(registered.provider.maxConcurrent);
      this.queue.work(registered.name, (ids) => this.dispatch(registered, ids, slots), { jobsAtOnce: JOBS_AT_ONCE });
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
  private async dispatch(registered: RegisteredProvider, ids: readonly string[], slots: Slots): Promise<void> {
    let tokens = 0;
    let left = this.chooseProvider.isShut(registered.name) ? ids : await this.ready(registered, ids);
    while (left.length > 0 && !this.stopping && !this.chooseProvider.isShut(registered.name)) {
      await this.recordCalls.room();
      const free = await slots.take(left.length);
      if (tokens === 0) tokens = await this.admitted(registered, free, slots);
      const count = Math.min(free, tokens);
      slots.giveBack(free - count);
      if (count === 0) break;
      tokens -= await this.claimAndCall(registered, left.slice(0, count), slots);
      left = left.slice(count);
    }
    if (left.length > 0 && !this.stopping) await this.offerMessages.letGo(registered.name, left);
  }

  /** How many calls may start now. Whoever cannot be asked keeps no slots: the next job would wait for them for ever. */
  private async admitted(registered: RegisteredProvider, free: number, slots: Slots): Promise<number> {
    try {
      return await this.admitCalls.admit(registered, free, () => !this.stopping);
    } catch (error) {
      slots.giveBack(free);
      throw error;
    }
  }

  /** Those whose payment stands as it should and whose person the vendor lets us write to, and now; the others are held back or given up. */
  private async ready(registered: RegisteredProvider, ids: readonly string[]): Promise<readonly string[]> {
    const payable = await this.checkStatus.before(registered.channel, ids);
    return this.spaceOut.before(registered, await this.limitPeople.before(registered, payable));
  }

  /** Takes over the slots of these ids. Gives how many calls it started. */
  private async claimAndCall(registered: RegisteredProvider, ids: readonly string[], slots: Slots): Promise<number> {
    let started = 0;
    try {
      for (const claimed of await this.claimTogether.claim(registered, ids)) {
        this.startCall(registered, claimed, slots);
        started += 1;
      }
      return started;
    } finally {
      slots.giveBack(ids.length - started);
    }
  }

  private startCall(registered: RegisteredProvider, claimed: ClaimedMessage, slots: Slots): void {
    const call = this.callProvider.call(registered, claimed, () => slots.giveBack(1)).finally(() => this.open.delete(call));
    this.open.add(call);
  }
}
