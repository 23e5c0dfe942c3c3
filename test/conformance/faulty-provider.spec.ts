import {
  accepted,
  failed,
  type ConfigResult,
  type Provider,
  type ProviderContext,
  type ProviderDefinition,
  type SmsContent,
} from '@wapas/provider-kit';
import { type ProviderUnderTest } from '@wapas/provider-testing';
import { acmeSms } from '../fixtures/acme-sms/subject';
import { runKit } from './run-kit';

type Definition = ProviderDefinition<unknown, SmsContent>;
type Subject = ProviderUnderTest<unknown, SmsContent>;

const withDefinition = (change: Partial<Definition>): Subject => ({
  ...acmeSms,
  definition: { ...acmeSms.definition, ...change },
});
/** Acme with one thing done otherwise. */
const doing = (change: (good: Provider<SmsContent>, context: ProviderContext) => Partial<Provider<SmsContent>>): Subject =>
  withDefinition({
    create: (config, context) => {
      const good = acmeSms.definition.create(config, context);
      return { ...good, ...change(good, context) };
    },
  });
const ending = (change: (outcome: Awaited<ReturnType<Provider['send']>>) => Awaited<ReturnType<Provider['send']>>): Subject =>
  doing((good) => ({ send: async (request) => change(await good.send(request)) }));
const endpoint = (good: Provider<SmsContent>) => good.receiptEndpoint as NonNullable<Provider['receiptEndpoint']>;

/** One fault each, the test that must find it, and a word of its reason. */
const FAULTS: readonly (readonly [string, Subject, string, RegExp])[] = [
  [
    'was made for another contract',
    withDefinition({ apiVersion: 2 as 1 }),
    'is made for this version of the contract and has a stable name',
    /2/,
  ],
  [
    'opens a channel that it does not describe whole',
    withDefinition({ opensChannel: () => ({ name: 'rcs', addressKind: 'phone', fields: [] }) }),
    'serves a channel that Wapas knows, or describes its own',
    /does not list the texts/,
  ],
  [
    'has limits that are none',
    doing(() => ({ maxPerSecond: 0 })),
    'claims only receipts that can come, and has limits to work with',
    /maxPerSecond is no whole number/,
  ],
  [
    'quotes a secret when it refuses its settings',
    withDefinition({
      readConfig: (settings): ConfigResult<unknown> =>
        /^[!-~]+$/.test(settings['ACME_SMS_KEY'] ?? '') && !settings['ACME_SMS_BASE_URL']?.includes(' ')
          ? acmeSms.definition.readConfig(settings)
          : { ok: false, problems: [`ACME_SMS_KEY is wrong: ${settings['ACME_SMS_KEY']}`, 'ACME_SMS_BASE_URL'] },
    }),
    'never prints a secret, not even a wrong one',
    /quotes a secret/,
  ],
  [
    'throws on what a vendor says',
    doing((good) => ({
      send: async (request) => {
        const outcome = await good.send(request);
        if (outcome.outcome === 'failed' && outcome.failure.code === 'E20') throw new Error('no such number');
        return outcome;
      },
    })),
    'gives every error its class and scope',
    /no such number/,
  ],
  [
    'tries a 5xx again',
    ending((outcome) =>
      outcome.outcome === 'failed' && outcome.failure.code === 'HTTP 500'
        ? failed({ ...outcome.failure, class: 'temporary' })
        : outcome,
    ),
    'calls an answer senseless that is none, and the outcome unknown',
    /unknown_outcome/,
  ],
  [
    'takes a broken line for a refusal',
    ending((outcome) =>
      outcome.outcome === 'failed' && outcome.failure.code === 'DEADLINE'
        ? failed({ ...outcome.failure, class: 'temporary' })
        : outcome,
    ),
    'calls it an unknown outcome when the line breaks or stays silent after the request was written',
    /temporary/,
  ],
  [
    'sends a second time by itself',
    doing((good) => ({
      send: async (request) => {
        const outcome = await good.send(request);
        return outcome.outcome === 'failed' && outcome.failure.class === 'unknown_outcome' ? good.send(request) : outcome;
      },
    })),
    'calls it an unknown outcome when the line breaks or stays silent after the request was written',
    /twice/,
  ],
  [
    'believes anybody',
    doing((good) => ({ receiptEndpoint: { ...endpoint(good), verify: () => ({ authentic: true }) } })),
    'takes nobody else for the vendor, and does not throw',
    /true/,
  ],
  [
    'remembers receipts',
    doing((good) => {
      let seen = 0;
      return {
        receiptEndpoint: {
          ...endpoint(good),
          parse: (webhook) => (seen++ === 0 ? endpoint(good).parse(webhook) : { receipts: [], leftovers: ['seen before'] }),
        },
      };
    }),
    'reads the same repeated and in another order',
    /deep/i,
  ],
  [
    'logs the number',
    doing((good, { log }) => ({
      send: (request) => {
        log.info(`sending to ${request.address.value}`);
        return good.send(request);
      },
    })),
    'keeps numbers, tokens, texts and secrets out of the log and out of what it reports',
    /got out/,
  ],
  [
    'is always well',
    doing(() => ({ health: async () => ({ healthy: true, detail: 'fine' }) })),
    'is healthy when the vendor knows the credentials, and says so when not',
    /true/,
  ],
  [
    'claims receipts that its samples do not hold',
    doing((good) => ({ capabilities: { ...good.capabilities, receipts: ['delivered'] } })),
    'reads every sample',
    /not in its capabilities/,
  ],
  [
    'says it was accepted whatever the vendor says',
    ending(() => accepted('sms-0001')),
    'gives every error its class and scope',
    /must fail/,
  ],
  [
    'states a follow-up that its class does not lead to',
    {
      ...acmeSms,
      errorTable: new Map(
        [...acmeSms.errorTable].map(([code, row]) => [code, code === 'E20' ? { ...row, then: ['try_again'] } : row]),
      ),
    },
    'says at every code what follows, and class and scope lead there',
    /E20/,
  ],
  [
    'passes over webhooks that are none without a word',
    doing((good) => ({
      receiptEndpoint: { ...endpoint(good), parse: (webhook) => ({ ...endpoint(good).parse(webhook), leftovers: [] }) },
    })),
    'survives webhooks that are none',
    /must be named among the leftovers/,
  ],
  [
    'has a code without a fixture',
    { ...acmeSms, errorTable: new Map([...acmeSms.errorTable].map(([code, row]) => [`${code}b`, row])) },
    'has a fixture for every code of its error table',
    /E10b/,
  ],
];

it('the kit is green on the good one', async () => {
  const { passed, failed: red } = await runKit(acmeSms);
  expect([...red]).toEqual([]);
  expect(passed.length).toBeGreaterThan(25);
});

it('what follows from a code may be stated in any order', async () => {
  const turned = [...acmeSms.errorTable].map(([code, row]) => [code, { ...row, then: [...row.then].reverse() }] as const);
  expect(turned.some(([, { then }]) => then.length > 1)).toBe(true);
  const { failed: red } = await runKit({ ...acmeSms, errorTable: new Map(turned) });
  expect([...red]).toEqual([]);
});

it.each(FAULTS)('the kit is red, and says why, on a provider that %s', async (_fault, subject, title, reason) => {
  const { failed: red } = await runKit(subject);
  expect([...red.keys()]).toContain(title);
  expect(red.get(title)).toMatch(reason);
});
