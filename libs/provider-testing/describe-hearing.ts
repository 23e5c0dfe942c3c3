import { strict as assert } from 'node:assert';
import { type Content, type ReceiptEndpoint } from '@wapas/provider-kit';
import { forgeries, junk } from './adversity';
import { type TestGlobals } from './test-globals';
import { answerOf, readFixture, textOfBody, type TemplatesFixture } from './fixtures';
import { type Bench, type ProviderUnderTest } from './provider-bench';

/** What a provider must keep to when its vendor tells it something: receipts, proven and read. */
export function receipts<Config, C extends Content>(
  subject: ProviderUnderTest<Config, C>,
  bench: Bench<Config, C>,
  test: TestGlobals,
): void {
  const { webhooks } = subject;
  if (webhooks === undefined) {
    test.it('has no receipts and says so', async () => assert.equal(bench.provider().receiptEndpoint, undefined));
    return;
  }
  const endpoint = (): ReceiptEndpoint => bench.provider().receiptEndpoint as ReceiptEndpoint;
  const bodies = (): Buffer[] => bench.webhooks().webhooks.map(({ body }) => Buffer.from(textOfBody(body)));

  test.it('knows the vendor by its proof', async () => {
    for (const body of bodies()) assert.deepEqual(endpoint().verify(webhooks.authentic(body)), { authentic: true });
  });

  test.it('takes nobody else for the vendor, and does not throw', async () => {
    const body = bodies()[0] as Buffer;
    for (const forged of forgeries(webhooks.authentic(body), webhooks.proof)) {
      const verdict = endpoint().verify(forged);
      assert.equal(verdict.authentic, false);
      for (const secret of bench.secretValues()) assert.ok(!JSON.stringify(verdict).includes(secret));
    }
  });

  test.it('reads every sample', async () => {
    const { capabilities } = bench.provider();
    for (const sample of bench.webhooks().webhooks) {
      const { name, body, receipts: expected, leftovers } = sample;
      const parsed = endpoint().parse(webhooks.authentic(Buffer.from(textOfBody(body))));
      assert.deepEqual(parsed.receipts, expected, name);
      assert.deepEqual(parsed.leftovers, leftovers, name);
      for (const part of ['inbound', 'preferences', 'numberChanges', 'templates', 'account', 'unlisted'] as const)
        assert.deepEqual(parsed[part] ?? [], sample[part] ?? [], `${name}: ${part}`);
      for (const receipt of parsed.receipts) {
        assert.ok(capabilities.receipts.includes(receipt.kind), `${receipt.kind} is not in its capabilities`);
        assert.ok(receipt.class !== 'unknown_outcome', 'a receipt settles');
      }
    }
  });

  test.it('reads the same repeated and in another order', async () => {
    const read = (list: Buffer[]) => list.map((body) => JSON.stringify(endpoint().parse(webhooks.authentic(body))));
    const once = read(bodies());
    const one = endpoint();
    const again = bodies()
      .reverse()
      .flatMap((body) => [body, body])
      .map((body) => JSON.stringify(one.parse(webhooks.authentic(body))));
    assert.deepEqual(
      again,
      [...once].reverse().flatMap((text) => [text, text]),
    );
  });

  test.it('survives webhooks that are none', async () => {
    for (const body of [...junk(), '{"entry":[{"changes":[{"value":null}]}]}', '[null,{"data":[null]}]', 'data=%7B&data=[']) {
      const parsed = endpoint().parse(webhooks.authentic(Buffer.from(body)));
      const what = `a webhook that is none (${body.slice(0, 40)})`;
      assert.equal(parsed.receipts.length, 0, `${what} gave a receipt`);
      assert.ok(parsed.leftovers.length > 0, `${what} must be named among the leftovers`);
    }
  });

  test.it('keeps the leftovers short and without numbers', async () => {
    for (const body of bodies()) {
      for (const leftover of endpoint().parse(webhooks.authentic(body)).leftovers)
        assert.ok(leftover.length <= 120 && !/\d{7,}/.test(leftover), leftover);
    }
  });
}

/** The vendor's own list of templates, for providers that claim to read it. */
export function templates<Config, C extends Content>(
  { fixtures }: ProviderUnderTest<Config, C>,
  bench: Bench<Config, C>,
  test: TestGlobals,
): void {
  test.it('reads the templates of its vendor as the samples say, when it claims to', async () => {
    const library = bench.provider().templateLibrary;
    if (library === undefined) return;
    const { pages } = readFixture<TemplatesFixture>(fixtures, 'templates.json');
    assert.ok(
      pages.some(({ next }) => next !== undefined),
      'there is no page with another one behind it',
    );
    for (const { name, templates: expected, next, leftovers, ...answer } of pages) {
      bench.vendor.answer(answerOf(answer));
      const page = await library.page('cursor-1');
      assert.deepEqual(page, { ok: true, templates: expected, ...(next === undefined ? {} : { next }), leftovers }, name);
    }
  });

  test.it('answers with a failure when there is no list of templates, and never throws', async () => {
    const library = bench.provider().templateLibrary;
    if (library === undefined) return;
    for (const answer of [...bench.line.unwell(), bench.line.denied]) {
      bench.vendor.answer(answer);
      const page = await library.page();
      assert.equal(page.ok, false, `${answer.status} ${answer.body.slice(0, 20)}`);
      assert.ok(!JSON.stringify(page).includes('Bearer'));
    }
    const nobody = bench.provider(await bench.line.refusedUrl()).templateLibrary;
    assert.equal((await nobody?.page())?.ok, false);
  });
}
