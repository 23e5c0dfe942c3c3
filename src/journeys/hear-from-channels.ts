import { Inject, Injectable } from '@nestjs/common';
import { type Transaction } from '@wapas/database';
import { type BusHandler } from '@wapas/events';
import { type MessageSettled, type ReceiptRecorded } from '../channels/channels.api';
import { ApplyInputs } from './apply-inputs';
import { wasNotReached } from './not-reached';

/** A receipt came in: the run knows more about an earlier step. */
@Injectable()
export class HearReceipts implements BusHandler<ReceiptRecorded> {
  constructor(@Inject(ApplyInputs) private readonly applyInputs: ApplyInputs) {}

  async handle(tx: Transaction, items: readonly ReceiptRecorded[]): Promise<void> {
    const inputs = items
      .filter(({ kind }) => kind !== 'sent')
      .map(({ runId, lap, step, kind }) => ({ runId, input: { kind: 'signal' as const, step, signal: kind, lap } }));
    await this.applyInputs.toRuns(tx, inputs, await tx.businessNow());
  }
}

/** A message came to its end without reaching the customer: its run may fall forward. */
@Injectable()
export class HearSettled implements BusHandler<MessageSettled> {
  constructor(@Inject(ApplyInputs) private readonly applyInputs: ApplyInputs) {}

  async handle(tx: Transaction, items: readonly MessageSettled[]): Promise<void> {
    const inputs = items
      .filter(({ state, reason }) => wasNotReached(state, reason))
      .map(({ runId, lap, step, reason }) => ({
        runId,
        input: { kind: 'not_reached' as const, step, reason: reason ?? 'failed', lap },
      }));
    const uncertain = items
      .filter(({ state }) => state === 'unknown')
      .map(({ runId, lap, step }) => ({
        runId,
        input: { kind: 'signal' as const, step, signal: 'unknown' as const, lap },
      }));
    await this.applyInputs.toRuns(tx, [...inputs, ...uncertain], await tx.businessNow());
  }
}
