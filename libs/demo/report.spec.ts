import { type Account, type ArmAccount } from './counter';
import { recoveryReport } from './report';

const arm = (journey: string, name: string, messaged: number): ArmAccount => ({
  journey,
  arm: name,
  entered: 10,
  messaged,
  recovered: 0,
  organic: 0,
});

function reportOf(arms: readonly ArmAccount[], noProviders = false): string {
  const none = { push: 0, whatsapp: 0, sms: 0 };
  const account: Account = {
    customers: 200,
    events: 0,
    runs: 0,
    messages: none,
    recovered: 0,
    organic: 0,
    recoveredByChannel: none,
    duplicateSends: 0,
    sendsAfterGoal: 0,
    unknown: 0,
    lateness: { p50Ms: 0, p99Ms: 0 },
    arms,
    timeToRecovery: null,
  };
  const options = { seed: 4, once: true, json: false, noProviders };
  return recoveryReport(account, { adapter: 'in-process', jobs: 0 }, 50, options).join('\n');
}

const NOTICE = 'which the holdout gets too';
const MARKETING = 'nobody here has agreed to marketing';

test('a holdout that was written to, and carts that were not, are explained', () => {
  const report = reportOf([arm('cart_abandoned', 'treated', 0), arm('kyc_rejected', 'holdout', 1)]);
  expect(report).toContain(NOTICE);
  expect(report).toContain(MARKETING);
});

test('what did not happen is not explained, nor is anything when every send was refused', () => {
  const others = reportOf([
    arm('cart_abandoned', 'treated', 3),
    arm('cart_abandoned', 'holdout', 0),
    arm('kyc_rejected', 'holdout', 0),
  ]);
  const refused = reportOf([arm('cart_abandoned', 'treated', 0), arm('kyc_rejected', 'holdout', 1)], true);
  for (const report of [others, refused]) expect(report).not.toMatch(new RegExp(`${NOTICE}|${MARKETING}`));
});
