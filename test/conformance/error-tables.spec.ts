import { join } from 'node:path';
import { failed, followUpOf, type ErrorRow, type ErrorTable, type FollowUp } from '@wapas/provider-kit';
import { readFixture, type ErrorsFixture } from '@wapas/provider-testing';
import { fcmErrors } from '@wapas/providers/fcm/fcm.errors';
import { msg91Errors, msg91ReportErrors } from '@wapas/providers/msg91/msg91.errors';
import { whatsAppErrors } from '@wapas/providers/whatsapp-cloud/whatsapp-cloud.errors';
import { smtpErrors } from '@wapas/providers/smtp/smtp.errors';
import { webhookErrors } from '@wapas/providers/webhook/webhook.errors';
import { providerDefinitions } from '../../src/app.module';
import { isOurMistake } from '../../src/channels/rules/our-mistake';
import { pausesAfter } from '../../src/channels/rules/pauses';
import { isTooMuch } from '../../src/channels/rules/too-much';
import {
  afterCall,
  afterReceipt,
  afterReport,
  type AfterCall,
  blocksAddress,
  suppressesMarketing,
} from '../../src/channels/rules/message-state';

interface Table {
  readonly provider: string;
  readonly table: ErrorTable;
  readonly resendIsSafe: boolean;
  readonly isOfReceipts?: boolean;
}

const TABLES: readonly Table[] = [
  { provider: 'fcm', table: fcmErrors, resendIsSafe: true },
  { provider: 'whatsapp-cloud', table: whatsAppErrors, resendIsSafe: false },
  { provider: 'msg91', table: msg91Errors, resendIsSafe: false },
  { provider: 'msg91', table: msg91ReportErrors, resendIsSafe: false, isOfReceipts: true },
  { provider: 'smtp', table: smtpErrors, resendIsSafe: false },
  { provider: 'webhook', table: webhookErrors, resendIsSafe: true },
];
const rows = TABLES.flatMap(({ table, ...about }) =>
  [...table.values()].map((row): [string, string, ErrorRow, typeof about] => [about.provider, row.code, row, about]),
);

/** Which pauses or holds stand after it, as the table names them. */
function pausesOf(row: ErrorRow, provider: string, isReport: boolean): string[] {
  const failure = { ...row, retryAfterMs: row.waitMs };
  return pausesAfter(failure, { provider, template: 'paid_v1/en', isReport }).map(({ scope, isHold, marketingOnly }) => {
    const whom = scope === 'template' ? 'template' : row.scope;
    return isHold ? `hold_${whom}` : `pause_${whom}${marketingOnly ? '_marketing' : ''}`;
  });
}
const namedPauses = (row: ErrorRow): string[] => row.then.filter((follow) => /^(pause|hold)_/.test(follow));

/** What each follow-up makes of a message, and what it must not. */
const STATE_AFTER: Partial<Record<FollowUp, AfterCall['state']>> = {
  try_again: 'retryable',
  try_once_more: 'retryable',
  next_address: 'retryable',
  fall_forward: 'rejected',
  wait_for_receipt: 'unknown',
};

it('every provider of the tree has its table here', () => {
  const withTable = new Set(TABLES.map(({ provider }) => provider));
  expect(providerDefinitions.map(({ name }) => name).filter((name) => !withTable.has(name))).toEqual([]);
});

it.each(rows)(
  '%s %s has class, scope, source, a day, a fixture, and what follows is what the product does',
  (provider, code, row, { resendIsSafe, isOfReceipts = false }) => {
    expect(row.source).toMatch(/^https:\/\/|documentation|client libraries/);
    expect(row.readOn).toMatch(/^\d{4}-\d{2}-\d{2}$/);
    expect([...row.then]).toEqual(followUpOf(row, resendIsSafe));
    // What is worth one further attempt is over after it.
    const [state, ...later] = row.then.flatMap((follow) => STATE_AFTER[follow] ?? []);
    const isTriedOnceMore = row.then.includes('try_once_more');
    expect(later).toEqual(isTriedOnceMore ? ['rejected'] : []);
    expect(pausesOf(row, provider, isOfReceipts)).toEqual(namedPauses(row));
    // What is held because it was too much is sent more slowly as well.
    expect(isTooMuch(row)).toBe(row.class === 'throttled' && row.then.some((follow) => follow.startsWith('hold_')));
    // A person hears of it: in the list of what is paused, or because it is told as our mistake.
    const mistake = isOurMistake({ ...row, code }, { provider, template: 'paid_v1/en', isReport: isOfReceipts });
    const pauses = namedPauses(row).filter((follow) => follow.startsWith('pause_'));
    expect(mistake || pauses.length > 0).toBe(row.then.includes('alert'));
    if (isOfReceipts) {
      expect(afterReceipt('sent', ['sent'], { kind: 'failed', class: row.class })).toMatchObject({
        state: 'rejected',
        reason: row.class,
      });
      const report = {
        messageId: 'm',
        attempt: 1,
        leftMs: 1,
        instead: 'another',
        maybeSent: false,
        others: [],
        hadOnceMore: false,
      };
      expect(afterReport(row, report)?.moveTo === 'another').toBe(row.then.includes('other_provider_once'));
      expect(afterReport(row, { ...report, hadOnceMore: true })).toBeNull();
      return;
    }
    const fixture = readFixture<ErrorsFixture>(join(__dirname, '../../libs/providers', provider, 'fixtures'), 'errors.json');
    expect(fixture.errors.filter((one) => one.row === code).length).toBeGreaterThan(0);
    const outcome = failed({ ...row, code });
    const call = {
      messageId: 'm',
      attempt: 1,
      resendIsSafe,
      leftMs: 3_600_000,
      instead: null,
      maybeSent: false,
      others: [],
      hadOnceMore: false,
      closedForMs: null,
    };
    expect(afterCall(outcome, call).state).toBe(state);
    expect(afterCall(outcome, { ...call, hadOnceMore: true }).state).toBe(isTriedOnceMore ? 'rejected' : state);
    expect(blocksAddress(outcome)).toBe(row.then.includes('next_address') || row.then.includes('suppress'));
    expect(suppressesMarketing(row)).toBe(row.then.includes('suppress_marketing'));
  },
);
