import { join } from 'node:path';
import { hours, minutes } from '@wapas/kernel';
import { providerDefinitions } from '../../src/app.module';
import { ConfigError, readConfig } from '../../src/config/config';
import { type Fixture, fixturesIn, postOf } from '../../src/ingestion/sources/fixtures.test-kit';
import { sources } from '../../src/ingestion/sources/registry';
import { type Post, type Signer, signers } from '../../src/ingestion/sources/sign.test-kit';
import { type Answer, answerOf, expectRefusal, storedRows } from '../support/refusals';
import { World } from '../support/world';

/** Bad input D, the lines that every source must keep, each by its vendor's own recipe. */
const all = [...sources.values()];
const signerOf = (name: string): Signer => signers[name] as Signer;
const FOLDER = join(__dirname, '..', '..', 'src', 'ingestion', 'sources');
const goodOf = (name: string): Fixture =>
  fixturesIn(join(FOLDER, name, 'fixtures')).find(
    ({ reads }) => 'events' in reads && reads.unusable === undefined && reads.events.length > 0,
  ) as Fixture;

let world: World;
beforeAll(async () => {
  const secrets = all.map(({ name, secretSetting }) => [secretSetting, signerOf(name).secrets.join(',')]);
  world = await World.start({ env: Object.fromEntries(secrets) as Record<string, string> });
});
afterAll(() => world?.stop());

const post = async (source: string, { headers, rawBody }: Post): Promise<Answer> =>
  answerOf(await fetch(`${world.url}/webhooks/sources/${source}`, { method: 'POST', headers, body: rawBody }));
const signed = (name: string, secret = signerOf(name).secrets[0], at = Date.now()): Post =>
  signerOf(name).sign(postOf(goodOf(name)), secret, at);
const refuses = (source: string, made: () => Post) =>
  expectRefusal(world, () => post(source, made()), { status: 401, code: 'not_authentic', unspoken: ['9812345678', 'Asha'] });
const changed = (name: string, change: (proof: string) => string): Post => {
  const post = signed(name);
  const proof = signerOf(name).guardedHeaders.at(-1) as string;
  return { ...post, headers: { ...post.headers, [proof]: change(post.headers[proof] as string) } };
};

describe.each(all)('$name', ({ name, secretSetting }) => {
  const { toleranceSeconds, covers, addProof } = signerOf(name);

  test.each<[string, () => Post]>([
    ['D41 no proof', () => postOf(goodOf(name))],
    ['D42 a proof that is too short', () => changed(name, (proof) => proof.slice(0, -1))],
    ['D42 a proof that is too long', () => changed(name, (proof) => `${proof}0`)],
    ['D42 an empty proof', () => changed(name, () => '')],
    ['D42 a proof of 8 KB', () => changed(name, (proof) => proof.repeat(Math.ceil(8_192 / proof.length)).slice(0, 8_192))],
    ['D44 a prefix nobody documents', () => changed(name, (proof) => `sha256=${proof}`)],
    [
      'D44 letters in the other case',
      () =>
        changed(name, (proof) => proof.replace(/[a-z]/gi, (c) => (c === c.toLowerCase() ? c.toUpperCase() : c.toLowerCase()))),
    ],
    ['D48 a secret that is not configured', () => signed(name, forgotten(name))],
    ...(addProof
      ? []
      : ([['D44 two proofs in one header', () => changed(name, (proof) => `${proof}, ${proof}`)]] as [string, () => Post][])),
  ])('%s', (_title, made) => refuses(name, made));

  test.each(['', ' ', ','])('D43 is refused at start when its secret is "%s"', (secret) => {
    const start = () => readConfig({ ...world.env, [secretSetting]: secret }, providerDefinitions);
    expect(start).toThrow(ConfigError);
    expect(start).toThrow(new RegExp(secretSetting));
  });

  if (covers === 'body')
    test('D45 the body serialised anew is another body', () =>
      refuses(name, () => {
        const post = signed(name);
        return { ...post, rawBody: Buffer.from(JSON.stringify(JSON.parse(post.rawBody.toString()), null, 1)) };
      }));

  if (toleranceSeconds !== undefined)
    test.each([-6, 6])('D47 a time that is %d minutes away', (away) =>
      refuses(name, () => signed(name, undefined, Date.now() + away * minutes(1))),
    );

  test('D49 what another source has signed', () =>
    refuses(name, () => {
      const other = all.find((one) => one.name !== name && signerOf(one.name).secrets[0] !== signerOf(name).secrets[0]);
      return signed((other as { name: string }).name);
    }));

  test('D46, D48 the old secret and the new one are good while both are there, and the same event acts once', async () => {
    const [old, fresh] = signerOf(name).secrets;
    const answers = [await post(name, signed(name, old)), await post(name, signed(name, fresh))];
    expect(answers.map(({ status }) => status)).toEqual([202, 200]);
    await world.settled();
    const before = await storedRows(world);
    const again = signed(name, old);
    const renamed = Object.fromEntries(
      Object.entries(again.headers).map(([key, value]) => [
        key,
        /(^|-)(event-id|idempotency-key)$/.test(key) ? `${value}_anew` : value,
      ]),
    );
    expect((await post(name, { ...again, headers: renamed })).status).toBe(200);
    await world.settled();
    expect(await storedRows(world)).toEqual(before);
  });
});

test('a time that is an hour old is refused, however well it is signed', () =>
  refuses('stripe', () => signed('stripe', undefined, Date.now() - hours(1))));

/** Fit for the recipe, and never configured. */
function forgotten(name: string): string {
  const [known] = signerOf(name).secrets;
  if (known.startsWith('whsec_') && name === 'standard-webhooks') return `whsec_${Buffer.alloc(24, 7).toString('base64')}`;
  return known.includes(':') ? 'wapas:a-password-nobody-has' : 'a-secret-that-nobody-has';
}
