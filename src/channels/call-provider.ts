import { Inject, Injectable } from '@nestjs/common';
import { BusinessClock } from '@wapas/database';
import { between, type Instant } from '@wapas/kernel';
import { failed, type SendOutcome } from '@wapas/provider-kit';
import { Log } from '../log';
import { ChooseProvider } from './choose-provider';
import { type ClaimedMessage } from './claim-messages';
import { LearnFromCalls } from './learn-from-calls';
import { LintTemplates } from './lint-templates';
import { NoteMistakes } from './note-mistakes';
import { type RegisteredProvider } from './provider-registry';
import { RecordCalls } from './record-calls';
import { attemptIdOf } from './rules/attempt-id';
import { closedForMs } from './rules/closed-hours';
import { givenOutcome } from './rules/given-outcome';
import { afterCall } from './rules/message-state';
import { outcomeOfAll } from './rules/outcome-of-all';
import { settleInTime } from './settle-in-time';
import { nextWording } from './rules/wordings';
import { type CallPart, type Claimable } from './store/message.store';

/** Instead of an answer that never came. */
const NOTHING = Symbol('nothing');

/** Calls a provider for a message that is claimed, and has written down what came of it. */
@Injectable()
export class CallProvider {
  constructor(
    @Inject(ChooseProvider) private readonly chooseProvider: ChooseProvider,
    @Inject(LintTemplates) private readonly lintTemplates: LintTemplates,
    @Inject(RecordCalls) private readonly recordCalls: RecordCalls,
    @Inject(LearnFromCalls) private readonly learnFromCalls: LearnFromCalls,
    @Inject(NoteMistakes) private readonly noteMistakes: NoteMistakes,
    @Inject(BusinessClock) private readonly clock: BusinessClock,
    @Inject(Log) private readonly log: Log,
  ) {}

  /**
   * Resolves when the outcome is stored. Never rejects. `answered`: called when the provider has answered, or never will; its place is
   * free while the outcome is being stored.
   */
  async call(registered: RegisteredProvider, claimed: ClaimedMessage, answered: () => void): Promise<void> {
    try {
      await this.callAndRecord(registered, claimed, answered);
    } catch (error) {
      this.log.trouble('dispatch failed', error, { messageId: claimed.message.id });
    }
  }

  private async callAndRecord(registered: RegisteredProvider, claimed: ClaimedMessage, answered: () => void): Promise<void> {
    const { name, channel, provider } = registered;
    const { message, fence, now } = claimed;
    const startedAt = Date.now();
    const parts = await this.callAll(registered, claimed).finally(answered);
    const outcome = outcomeOfAll(parts.map((part) => part.outcome));
    const after = afterCall(outcome, {
      messageId: message.id,
      attempt: fence,
      resendIsSafe: provider.capabilities.resendIsSafe,
      leftMs: this.realMsBetween(now, message.notAfter) - (Date.now() - startedAt),
      instead: outcome.outcome === 'accepted' ? null : this.instead(name, message),
      maybeSent: message.maybeSent,
      others: message.others,
      hadOnceMore: message.hadOnceMore,
      closedForMs: this.closedForMs(outcome, now),
    });
    const next = after.otherwise && nextWording(message, after.otherwise);
    const call = { messageId: message.id, fence, startedAt, endedAt: Date.now(), parts, outcome, after, ...(next && { next }) };
    await this.recordCalls.record({ provider: name, channel, call });
    await this.learnFromCalls.from(name, claimed, call);
  }

  /** A push goes to every device of a person; on other channels there is one call. */
  private callAll(registered: RegisteredProvider, claimed: ClaimedMessage): Promise<CallPart[]> {
    return Promise.all(
      [claimed.address, ...claimed.further].map(async ({ key, value }, part) => ({
        addressKey: key,
        outcome: await this.send(registered, claimed, { value, part }),
      })),
    );
  }

  private async send(
    { name, addressKind, provider }: RegisteredProvider,
    { message, fence, now }: ClaimedMessage,
    { value, part }: { value: string; part: number },
  ): Promise<SendOutcome> {
    try {
      const asked = provider.send({
        attemptId: attemptIdOf(message.id, fence, part),
        messageId: message.id,
        address: { kind: addressKind, value },
        content: this.lintTemplates.withRegistration(message.content),
        validForSeconds: Math.max(1, Math.floor(this.realMsBetween(now, message.notAfter) / 1_000)),
      });
      const given = await settleInTime<unknown>(asked, () => NOTHING);
      if (given === NOTHING) return this.broken(name, 'never_settled', new Error('send() never settled'));
      const { outcome, fault } = givenOutcome(given);
      if (fault !== null) this.noteMistakes.noteBroken(name, 'junk_answer', new Error(`send() gave ${fault}`));
      return outcome;
    } catch (error) {
      return this.broken(name, 'provider_threw', error);
    }
  }

  /** A provider that throws, or never says anything, has a bug; what became of the call is anybody's guess. */
  private broken(provider: string, code: 'provider_threw' | 'never_settled', error: unknown): SendOutcome {
    this.noteMistakes.noteBroken(provider, code, error);
    return failed({ class: 'unknown_outcome', scope: 'message', code });
  }

  private instead(name: string, { channel, content, guard, tried }: Claimable): string | null {
    return this.chooseProvider.instead(name, { channel, content, purpose: guard.purpose ?? 'service' }, tried ?? []);
  }

  /** Hours are business time, as those of the law that a claim keeps; a demo that runs fast does not wait a night for the morning. */
  private closedForMs(outcome: SendOutcome, now: Instant): number | null {
    const hours = outcome.outcome === 'failed' ? outcome.failure.openHours : undefined;
    return hours === undefined ? null : closedForMs(hours, now) / (this.clock.rate || 1);
  }

  private realMsBetween(now: Instant, then: Instant): number {
    return between(now, then) / (this.clock.rate || 1);
  }
}
