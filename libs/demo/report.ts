import { durationOf, formatDuration, type Instant } from '@wapas/kernel';
import { type DemoOptions } from './arguments';
import { type Account, type ArmAccount } from './counter';
import { type Customer } from './customers';
import { type Stage } from './stage';

export interface QueueLine {
  readonly adapter: string;
  readonly jobs: number;
}

/** The one line for programs. */
export function jsonLine(account: Account, queue: QueueLine, seconds: number): object {
  const { customers, events, runs, messages, recovered, organic, recoveredByChannel } = account;
  const { duplicateSends, sendsAfterGoal, unknown, lateness } = account;
  return {
    customers,
    events,
    runs,
    messages,
    recovered,
    organic,
    recoveredByChannel,
    duplicateSends,
    sendsAfterGoal,
    unknown,
    queue: { adapter: queue.adapter, jobs: queue.jobs },
    lateness,
    seconds,
  };
}

/** The report for people. It says first that nobody in it is real. */
export function recoveryReport(account: Account, queue: QueueLine, seconds: number, options: DemoOptions): string[] {
  const { messages, recoveredByChannel: by, timeToRecovery: time, lateness } = account;
  return [
    'RECOVERY REPORT · SIMULATION',
    `${account.customers} invented customers (seed ${options.seed}) with invented behaviour: this shows that the machinery works, not what it earns.`,
    ...(options.noProviders ? ['Every send was refused (--no-providers): what remains was paid without us.'] : []),
    '',
    `  events recorded     ${account.events}`,
    `  runs                ${account.runs}`,
    `  messages accepted   push ${messages.push} · WhatsApp ${messages.whatsapp} · SMS ${messages.sms}`,
    `  recovered           ${account.recovered}; by the last message before it: push ${by.push} · WhatsApp ${by.whatsapp} · SMS ${by.sms}`,
    `  organic             ${account.organic} reached the goal before any message`,
    `  time to recovery    ${time ? `median ${span(time.median)}, 90 % within ${span(time.p90)} of business time` : 'none'}`,
    '',
    ...armTable(account.arms),
    ...whatMayPuzzle(account.arms, options),
    '  The last message gets the recovery, also of those who would have come back anyway: the holdout says how many that is.',
    '',
    `  sends after goal    ${account.sendsAfterGoal}`,
    `  duplicate sends     ${account.duplicateSends}`,
    `  messages unknown    ${account.unknown}`,
    `  lateness            p50 ${lateness.p50Ms} ms, p99 ${lateness.p99Ms} ms of real time`,
    `  work queue          ${queue.adapter}, ${queue.jobs} jobs`,
    `  took                ${seconds} s`,
  ];
}

/** Where to look around while everything is still up. */
export function addresses({ appUrl, sandboxUrl, keys, clock }: Stage, followed: Customer | undefined): string[] {
  return [
    `Everything is still up, business time runs on ${clock.anchor.rate} times as fast. Ctrl-C stops it.`,
    '',
    `  Swagger    ${appUrl}/docs`,
    `  handsets   ${sandboxUrl}/handset`,
    ...(followed ? [`             ${sandboxUrl}/handset/${followed.phone.slice(1)} (${followed.name})`] : []),
    `  read key   ${keys.read}`,
    '',
    `  curl -H 'Authorization: Bearer ${keys.read}' ${appUrl}/v1/analytics/journeys/payment_failed`,
    '',
  ];
}

function armTable(arms: readonly ArmAccount[]): string[] {
  const head = ['journey', 'arm', 'entered', 'messaged', 'recovered', 'organic', 'reached the goal'];
  const rows = arms.map(({ journey, arm, entered, messaged, recovered, organic }) => {
    const share = `${Math.round((100 * (recovered + organic)) / entered)} %`;
    return [journey, arm, entered, messaged, recovered, organic, share].map(String);
  });
  return [head, ...rows].map((row) => `  ${row.map((cell, column) => cell.padEnd(column === 0 ? 16 : 9)).join('  ')}`.trimEnd());
}

/** A holdout that was written to, and carts that were not, look like something that does not work. */
function whatMayPuzzle(arms: readonly ArmAccount[], { noProviders }: DemoOptions): string[] {
  if (noProviders) return [];
  const messagedOf = (journey: string, arm: string) => arms.find((one) => one.journey === journey && one.arm === arm)?.messaged;
  return [
    ...((messagedOf('kyc_rejected', 'holdout') ?? 0) > 0
      ? ['  That a document was rejected is a notice, which the holdout gets too: kyc_rejected compares the nudges after it.']
      : []),
    ...(messagedOf('cart_abandoned', 'treated') === 0
      ? ['  Cart reminders are marketing, and nobody here has agreed to marketing: each run says so, and nobody is written to.']
      : []),
  ];
}

const span = (millis: number): string => formatDuration(durationOf(Math.round(millis / 60_000) * 60_000));

const INDIAN_TIME = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'Asia/Kolkata',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
});

export const indianTime = (moment: Instant): string => INDIAN_TIME.format(moment);
