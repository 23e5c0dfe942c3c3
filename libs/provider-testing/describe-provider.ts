import { strict as assert } from 'node:assert';
import {
  faultsOfChannel,
  faultsOfDefinition,
  faultsOfProvider,
  followUpOf,
  KNOWN_CHANNELS,
  PROVIDER_API_VERSION,
  type Content,
  type SendFailure,
  type SendOutcome,
} from '@wapas/provider-kit';
import { junk } from './adversity';
import { receipts, templates } from './describe-hearing';
import { answerOf, type AnswerFixture } from './fixtures';
import { Bench, type ProviderUnderTest } from './provider-bench';
import { type TestGlobals } from './test-globals';
import { type ReceivedRequest, type StubAnswer } from './vendor-stub';

/** So that a vendor that says nothing costs a test little. Elsewhere a slow machine must not look like a silent vendor. */
const SHORT_DEADLINE_MS = 500;

/** The definition of done for a provider. Call it once in `<name>.conformance.spec.ts`. */
export function describeProvider<Config, C extends Content>(subject: ProviderUnderTest<Config, C>, test: TestGlobals): void {
  const bench = new Bench(subject);
  test.describe(`conformance of ${subject.definition.name}`, () => {
    test.beforeAll(() => bench.start());
    test.afterAll(() => bench.stop());
    identity(subject, bench, test);
    configuration(subject, bench, test);
    sending(subject, bench, test);
    errors(subject, bench, test);
    overHttp(subject, bench, test);
    lineFailures(subject, bench, test);
    privacy(subject, bench, test);
    health(subject, bench, test);
    receipts(subject, bench, test);
    templates(subject, bench, test);
  });
}

function identity<Config, C extends Content>(
  { definition }: ProviderUnderTest<Config, C>,
  bench: Bench<Config, C>,
  test: TestGlobals,
): void {
  test.it('is made for this version of the contract and has a stable name', async () => {
    assert.equal(definition.apiVersion, PROVIDER_API_VERSION);
    assert.deepEqual(faultsOfDefinition(definition), []);
  });

  test.it('serves a channel that Wapas knows, or describes its own', async () => {
    const described = definition.opensChannel?.(bench.config());
    if (described !== undefined) assert.deepEqual(faultsOfChannel(described), []);
    const known = KNOWN_CHANNELS[described?.name ?? definition.channel];
    assert.equal(bench.request().address.kind, known ?? described?.addressKind, 'the address of the tests is of another kind');
  });

  test.it('describes each of its settings', async () => {
    for (const { name, description } of definition.settings) assert.ok(description.length >= 10, `${name} has no description`);
  });

  test.it('claims only receipts that can come, and has limits to work with', async () => {
    const provider = bench.provider();
    assert.equal(
      provider.receiptEndpoint !== undefined,
      provider.capabilities.receipts.length > 0,
      'receipts and their endpoint come together',
    );
    assert.deepEqual(faultsOfProvider(provider), []);
  });
}

function configuration<Config, C extends Content>(
  { definition }: ProviderUnderTest<Config, C>,
  bench: Bench<Config, C>,
  test: TestGlobals,
): void {
  const required = definition.settings.filter((setting) => setting.required);
  const secrets = definition.settings.filter((setting) => setting.secret);
  const problemsOf = (settings: Record<string, string | undefined>): readonly string[] => {
    const result = definition.readConfig(settings);
    return result.ok ? [] : result.problems;
  };

  test.it('names every missing setting at once', async () => {
    const problems = problemsOf({});
    for (const { name } of required)
      assert.ok(
        problems.some((problem) => problem.includes(name)),
        `${name} is not named`,
      );
  });

  test.it('refuses an empty or blank required setting, and one that only a prototype has', async () => {
    for (const { name } of required) {
      for (const value of ['', '   ', undefined]) {
        assert.ok(
          problemsOf({ ...bench.settings(), [name]: value }).some((problem) => problem.includes(name)),
          `${name} = '${value}' passed`,
        );
      }
    }
    assert.equal(definition.readConfig(Object.create(bench.settings()) as Record<string, string>).ok, required.length === 0);
  });

  test.it('never prints a secret, not even a wrong one', async () => {
    const marked = Object.fromEntries(secrets.map(({ name }) => [name, `marker-of-${name.toLowerCase()} with blanks`]));
    const wrong = Object.fromEntries(definition.settings.map(({ name }) => [name, 'no such value!']));
    const text = problemsOf({ ...wrong, ...marked }).join('\n');
    assert.ok(!/marker-of/.test(text), 'a problem quotes a secret');
    for (const value of bench.secretValues()) {
      assert.ok(
        !problemsOf({ ...wrong, ...bench.secretSettings() })
          .join('\n')
          .includes(value),
        'a problem quotes a secret',
      );
    }
  });

  test.it('accepts the complete settings', async () => {
    assert.deepEqual(problemsOf(bench.settings()), []);
  });
}

function sending<Config, C extends Content>(
  subject: ProviderUnderTest<Config, C>,
  bench: Bench<Config, C>,
  test: TestGlobals,
): void {
  test.it('reports an accepted message with the id of the vendor', async () => {
    for (const fixture of bench.accepted().accepted) {
      const { outcome, received, sent } = await bench.sendTo(answerOf(fixture));
      assert.deepEqual(outcome, { outcome: 'accepted', vendorId: fixture.vendorId }, fixture.name);
      assert.equal(received.length, 1, 'one message is one call');
      subject.checkRequest(received[0] as ReceivedRequest, sent);
    }
  });

  test.it('gives the vendor the reference that it claims to get back', async () => {
    const { received, sent, provider } = await bench.sendTo(answerOf(bench.accepted().accepted[0] as AnswerFixture));
    if (provider.capabilities.echoesReference) assert.ok(received[0]?.body.includes(sent.attemptId));
  });

  test.it('sends a hundred messages at once, each exactly once', async () => {
    bench.vendor.answer(answerOf(bench.accepted().accepted[0] as AnswerFixture));
    bench.vendor.forget();
    const provider = bench.provider();
    const requests = Array.from({ length: 100 }, (_, index) => bench.request(`many-${index}`));
    const outcomes = await Promise.all(requests.map((request) => provider.send(request)));
    assert.ok(outcomes.every(({ outcome }) => outcome === 'accepted'));
    assert.equal(bench.vendor.received.length, 100);
    for (const { attemptId } of requests) {
      const itself = new RegExp(`${attemptId}(?![\\w-])`);
      assert.equal(bench.vendor.received.filter(({ body }) => itself.test(body)).length, 1, attemptId);
    }
  });

  test.it('refuses an address of another kind without calling anybody', async () => {
    bench.vendor.forget();
    const others = [
      { kind: 'email', value: 'asha@shop.example' },
      { kind: 'phone', value: '+919812345678' },
      { kind: 'push_token', value: 'token-0001' },
    ] as const;
    for (const address of others.filter(({ kind }) => kind !== bench.request().address.kind)) {
      const outcome = await bench.provider().send({ ...bench.request(), address });
      assert.equal(failureOf(outcome).class, 'bad_address', address.kind);
    }
    assert.equal(bench.vendor.received.length, 0);
  });
}

function errors<Config, C extends Content>(
  subject: ProviderUnderTest<Config, C>,
  bench: Bench<Config, C>,
  test: TestGlobals,
): void {
  test.it('has a fixture for every code of its error table', async () => {
    const proven = new Set(bench.errors().errors.map(({ row }) => row));
    assert.deepEqual(
      [...subject.errorTable.keys()].filter((code) => !proven.has(code)),
      [],
    );
    const samples = subject.webhooks === undefined ? [] : bench.webhooks().webhooks.flatMap(({ receipts }) => receipts);
    for (const row of subject.reportTable?.values() ?? [])
      assert.ok(
        samples.some((one) => one.code === row.code.split(' ')[0] && one.class === row.class && one.scope === row.scope),
        `no sample of a receipt with code ${row.code}`,
      );
  });

  test.it('says at every code what follows, and class and scope lead there', async () => {
    const { resendIsSafe } = bench.provider().capabilities;
    for (const row of [...subject.errorTable.values(), ...(subject.reportTable?.values() ?? [])]) {
      assert.deepEqual([...row.then].sort(), followUpOf(row, resendIsSafe).sort(), `code ${row.code}`);
      assert.ok(!Number.isNaN(Date.parse(row.readOn)) && row.source.length >= 10, `code ${row.code} has no source or date`);
    }
  });

  test.it('gives every error its class and scope', async () => {
    for (const fixture of bench.errors().errors) {
      const failure = failureOf((await bench.sendTo(answerOf(fixture))).outcome);
      const { class: meaning, scope, only, holdsForMs } = failure;
      const { retryAfterMs, code, ...expected } = fixture.expect;
      const found = {
        class: meaning,
        scope,
        ...(only === undefined ? {} : { only }),
        ...(holdsForMs === undefined ? {} : { holdsForMs }),
      };
      assert.deepEqual(found, expected, `${fixture.row} ${fixture.name ?? ''}`);
      if (retryAfterMs !== undefined) assert.equal(failure.retryAfterMs, retryAfterMs, fixture.row);
      if (code !== undefined) assert.equal(failure.code, code, fixture.row);
    }
  });
}

/** What only HTTP has: statuses, Retry-After, redirects. */
function overHttp<Config, C extends Content>(_: ProviderUnderTest<Config, C>, bench: Bench<Config, C>, test: TestGlobals): void {
  if (!bench.line.isHttp) return;
  test.it('never has a 5xx tried again, whatever its body says', async () => {
    for (const fixture of bench.errors().errors) {
      const { class: meaning } = failureOf((await bench.sendTo({ ...answerOf(fixture), status: 503 })).outcome);
      assert.ok(meaning !== 'temporary' && meaning !== 'throttled', `${fixture.row} with 503 is ${meaning}`);
    }
  });

  test.it('reads Retry-After of a 429', async () => {
    const { class: meaning, retryAfterMs } = failureOf(
      (await bench.sendTo({ status: 429, headers: { 'retry-after': '17' }, body: '' })).outcome,
    );
    assert.deepEqual([meaning, retryAfterMs], ['throttled', 17_000]);
  });

  test.it('survives refusals that say nothing, does not try them again, and says that no row stands for them', async () => {
    for (const body of junk()) {
      const failure = failureOf((await bench.sendTo({ status: 400, body })).outcome);
      const what = `400 ${body.slice(0, 20)}`;
      assert.ok(failure.class !== 'temporary' && failure.class !== 'throttled', what);
      if (failure.class === 'refused') assert.equal(failure.unlisted, true, `${what}: nobody would hear of it`);
      assert.ok(failure.code.length <= 80 && (failure.detail ?? '').length <= 300, what);
    }
  });

  test.it('returns a redirect as a failure and does not follow it', async () => {
    const { outcome, received } = await bench.sendTo({
      status: 307,
      headers: { location: `${bench.vendor.url}/elsewhere` },
      body: '',
    });
    assert.equal(outcome.outcome, 'failed');
    assert.equal(received.length, 1);
  });
}

function lineFailures<Config, C extends Content>(
  _: ProviderUnderTest<Config, C>,
  bench: Bench<Config, C>,
  test: TestGlobals,
): void {
  test.it('calls it temporary when nothing left this machine', async () => {
    const provider = bench.provider(await bench.line.refusedUrl());
    assert.equal(failureOf(await provider.send(bench.request())).class, 'temporary');
  });

  test.it('calls an answer senseless that is none, and the outcome unknown', async () => {
    for (const answer of bench.line.senseless()) {
      const failure = failureOf((await bench.sendTo(answer)).outcome);
      assert.equal(failure.class, 'unknown_outcome', `${answer.status} ${answer.body.slice(0, 20)}`);
    }
  });

  if (bench.line.isHttp)
    test.it('calls it temporary when the deadline came before the first byte', async () => {
      const failure = failureOf(await bench.providerWithoutConnection().send(bench.request()));
      assert.equal(failure.class, 'temporary');
    });

  test.it('calls it an unknown outcome when the line breaks or stays silent after the request was written', async () => {
    for (const fail of [() => bench.vendor.resetAfterReading(), () => bench.vendor.hang()]) {
      const provider = bench.provider(bench.vendor.url, SHORT_DEADLINE_MS);
      await bench.warmUp(provider);
      fail();
      assert.equal(failureOf(await provider.send(bench.request())).class, 'unknown_outcome');
      assert.equal(bench.vendor.received.length, 1, 'the message went out twice');
    }
  });
}

function privacy<Config, C extends Content>(
  subject: ProviderUnderTest<Config, C>,
  bench: Bench<Config, C>,
  test: TestGlobals,
): void {
  test.it('keeps numbers, tokens, texts and secrets out of the log and out of what it reports', async () => {
    bench.logged.splice(0);
    const request = bench.request();
    const privateStrings = [
      ...bench.secretValues(),
      ...(subject.privateTexts ?? []),
      request.address.value,
      ...textsIn(request.content),
    ].filter((text) => text.length >= 4);
    const quote = (received: ReceivedRequest): StubAnswer =>
      answerOf(subject.quoting(`cannot send ${received.body} with ${JSON.stringify(received.headers)}`));
    bench.vendor.answer(quote);
    const provider = bench.provider();
    const told = JSON.stringify([await provider.send(request), await provider.health(), bench.logged]);
    for (const text of privateStrings) assert.ok(!told.includes(text), `"${text.slice(0, 12)}…" got out`);
  });
}

function health<Config, C extends Content>(_: ProviderUnderTest<Config, C>, bench: Bench<Config, C>, test: TestGlobals): void {
  test.it('is healthy when the vendor knows the credentials, and says so when not', async () => {
    bench.vendor.answer(answerOf(bench.accepted().healthy));
    assert.equal((await bench.provider().health()).healthy, true);
    bench.vendor.answer(bench.line.denied);
    assert.equal((await bench.provider().health()).healthy, false);
    assert.equal((await bench.provider(await bench.line.refusedUrl()).health()).healthy, false);
  });

  test.it('is not healthy on answers that are none', async () => {
    for (const answer of bench.line.unwell()) {
      bench.vendor.answer(answer);
      assert.equal((await bench.provider().health()).healthy, false, `${answer.status} ${answer.body.slice(0, 20)}`);
    }
  });
}

function failureOf(outcome: SendOutcome): SendFailure {
  if (outcome.outcome !== 'failed') throw new assert.AssertionError({ message: 'accepted, though it must fail' });
  return outcome.failure;
}

/** What the person would read. The names of templates and languages are for operators, they may be shown. */
function textsIn(content: unknown): string[] {
  if (typeof content === 'string') return [content];
  if (typeof content !== 'object' || content === null) return [];
  return Object.entries(content).flatMap(([name, value]) => (isOfTheTemplate(name, value) ? [] : textsIn(value)));
}

/** Ids that stand for a template or a sender and say nothing of a customer. */
const isOfTheTemplate = (name: string, value: unknown): boolean =>
  ['template', 'language', 'dltId', 'entityId'].includes(name) || (name === 'header' && typeof value === 'string');
