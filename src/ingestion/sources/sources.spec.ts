import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { type Instant, parseInstant, toIso } from '@wapas/kernel';
import { type Fixture, fixturesIn, postOf, type Reads } from './fixtures.test-kit';
import { presets } from '../mapped/presets/registry';
import { readWith } from './read-mapped';
import { sources } from './registry';
import { type Post, type Signer, signers } from './sign.test-kit';
import { faultOfSecret, isAuthentic } from './signature';
import { type Reading, type Source } from './source';

/** What the suite looks at: a source of the tree, or a preset of the mapped source. */
interface Subject extends Pick<Source, 'name' | 'recipe' | 'read'> {
  readonly fixtures: readonly Fixture[];
}

const subjects: readonly Subject[] = [
  ...[...sources.values()].map(({ name, recipe, read }) => ({
    name,
    recipe,
    read,
    fixtures: fixturesIn(join(__dirname, name, 'fixtures')),
  })),
  ...[...presets.values()].map(({ key, recipe, mapping }) => ({
    name: key,
    recipe,
    read: readWith(key, mapping),
    fixtures: fixturesIn(join(__dirname, '..', 'mapped', 'presets', key)),
  })),
];

const NOW = parseInstant('2026-11-23T11:00:00+05:30') as Instant;
const later = (seconds: number): Instant => (NOW + seconds * 1_000) as Instant;
const phones = { defaultCountry: 'IN', allowedCountries: ['IN'] };
const channels = { has: () => true, words: 'any' };

it.each(subjects)(
  '$name has fixtures that say where they come from, one of them an event, and a signer',
  ({ name, fixtures }) => {
    expect(Object.keys(signers)).toContain(name);
    expect(fixtures.flatMap(({ reads }) => ('events' in reads ? reads.events : [])).length).toBeGreaterThan(0);
    for (const { origin } of fixtures) {
      expect('from' in origin ? origin.from : origin.madeAfter).toMatch(/^https:\/\/\S+/);
      expect(origin.readOn).toMatch(/^\d{4}-\d{2}-\d{2}$/);
    }
  },
);

it.each([...sources.values()])('$name shows an example that reads as an event', ({ example, recipe, read }) => {
  const isForm = example.contentType === 'application/x-www-form-urlencoded';
  const written = isForm ? new URLSearchParams(example.body as Record<string, string>).toString() : JSON.stringify(example.body);
  const webhook = { headers: { 'content-type': example.contentType, ...example.headers }, rawBody: Buffer.from(written) };
  expect(read(webhook, { phones, channels, test: false, recipe })).toMatchObject({ kind: 'events', events: [{}] });
});

describe.each(subjects)('$name', (subject) => {
  const { name, recipe, fixtures } = subject;
  const signer = signers[name] as Signer;
  const [secret, next] = signer.secrets;
  const signed = (fixture: Fixture, by = secret): Post => signer.sign(postOf(fixture), by, NOW);
  const proves = (post: Post, secrets: readonly string[] = [secret], now = NOW): boolean =>
    isAuthentic(recipe, post, secrets, now);
  const read = (post: Post): Reading => subject.read(freeze(post), { phones, channels, test: false, recipe });

  it.each(fixtures)('reads $file as it says', (fixture) =>
    expect(shown(read(signed(fixture)))).toMatchObject(shapeOf(fixture.reads)),
  );

  it.each(fixtures)('$file is authentic as the vendor signs it, while its secret is rotated too', (fixture) => {
    const [post, renewed] = [signed(fixture), signed(fixture, next)];
    expect([proves(post), proves(renewed, [next])]).toEqual([true, true]);
    expect([proves(post, [next, secret]), proves(post, [next]), proves(renewed, [secret])]).toEqual([true, false, false]);
    if (signer.addProof) expect([proves(signer.addProof(post, renewed), [secret]), proves(signer.addProof(post, renewed), [next])]).toEqual([true, true]); // prettier-ignore
  });

  it('the secrets an operator would enter are taken, an empty one is not', () =>
    expect([secret, next, ''].map((one) => faultOfSecret(recipe, one) === null)).toEqual([true, true, false]));

  it('without a secret, or with an empty one, nothing is authentic', () => {
    for (const fixture of fixtures) {
      const post = signed(fixture);
      expect([proves(post, []), proves(post, ['']), proves(emptyKeyed(signer, fixture), [''])]).toEqual([false, false, false]);
      expect(proves(postOf(fixture), [secret])).toBe(false);
    }
  });

  it('no byte of what proves it can be changed', () => {
    for (const fixture of fixtures) {
      const post = signed(fixture);
      const let_through = [...damagedHeaders(post, signer), ...damagedBodies(post, signer)].filter(({ damaged }) =>
        proves(damaged),
      );
      expect(let_through.map(({ what }) => `${fixture.file}: ${what}`)).toEqual([]);
    }
  });

  it('a proof that is missing, cut, doubled or in another case is refused', () => {
    for (const header of signer.guardedHeaders) {
      const post = signed(fixtures[0] as Fixture);
      const proof = post.headers[header] as string;
      const doubled = signer.addProof ? [] : [`${proof}, ${proof}`];
      const others = [undefined, '', proof.slice(0, -1), `${proof}0`, ...doubled, swapCase(proof)].filter((one) => one !== proof);
      for (const other of others) {
        const headers = { ...post.headers, [header]: other } as Record<string, string>;
        expect(`${header}: ${other} is ${proves({ ...post, headers })}`).toBe(`${header}: ${other} is false`);
      }
    }
  });

  it('a signed time is checked in both directions', () => {
    const post = signed(fixtures[0] as Fixture);
    const { toleranceSeconds } = signer;
    const times = [-86_400, -(toleranceSeconds ?? 0) - 2, -1, 1, (toleranceSeconds ?? 0) + 2, 86_400];
    const isSigned = toleranceSeconds !== undefined;
    expect(times.map((seconds) => proves(post, [secret], later(seconds)))).toEqual(
      isSigned ? [false, false, true, true, false, false] : times.map(() => true),
    );
  });

  it('sent again it is recognised, also under another id where none is signed', () => {
    for (const fixture of fixtures) {
      const first = identities(read(signed(fixture)));
      expect(identities(read(signer.sign(postOf(fixture), secret, later(60))))).toEqual(first);
      const headers = Object.fromEntries(Object.entries(fixture.headers ?? {}).map(renamed));
      const forged = guarded(signed(fixture), signer, headers);
      if (signer.covers === 'nothing' || !proves(forged)) continue;
      for (const [index, { id, bytes }] of identities(read(forged)).entries())
        expect(id === first[index]?.id || (bytes !== undefined && bytes === first[index]?.bytes)).toBe(true);
    }
  });

  it('different events are told apart', () => {
    const seen = fixtures.flatMap((fixture) => identities(read(signed(fixture))));
    expect(new Set(seen.map(({ id, bytes }) => id ?? bytes)).size).toBe(seen.length);
  });

  it('in any order it reads the same, with its own times', () => {
    const inOrder = fixtures.map((fixture) => shown(read(signed(fixture))));
    const backwards = [...fixtures].reverse().map((fixture) => shown(read(signed(fixture))));
    expect(backwards.reverse()).toEqual(inOrder);
  });

  it('a body that is cut, empty or no text is kept for a person, never an error', () => {
    for (const fixture of fixtures) {
      const { headers, rawBody } = postOf(fixture);
      const bodies = [
        Buffer.alloc(0),
        rawBody.subarray(0, rawBody.length >> 1),
        Buffer.from([0xff, 0xfe, 0]),
        Buffer.from('null'),
      ];
      for (const body of bodies) expect(['events', 'ignored', 'unusable']).toContain(read({ headers, rawBody: body }).kind);
      expect(read({ headers, rawBody: bodies[2] as Buffer })).toMatchObject({ kind: 'unusable' });
    }
  });
});

/** With every ordinary byte in turn changed by one bit. */
function damagedHeaders(post: Post, { guardedHeaders }: Signer): { what: string; damaged: Post }[] {
  return guardedHeaders.flatMap((header) =>
    flips(post.headers[header] as string).map(({ at, text }) => ({
      what: `${header}, character ${at}`,
      damaged: { ...post, headers: { ...post.headers, [header]: text } },
    })),
  );
}

function damagedBodies(post: Post, { covers }: Signer): { what: string; damaged: Post }[] {
  if (covers === 'nothing') return [];
  if (covers === 'body')
    return [...post.rawBody.keys()].map((at) => {
      const rawBody = Buffer.from(post.rawBody);
      rawBody[at] = (rawBody[at] as number) ^ 1;
      return { what: `body, byte ${at}`, damaged: { ...post, rawBody } };
    });
  return covers.flatMap((field) => {
    const form = new URLSearchParams(post.rawBody.toString());
    return flips(form.get(field) ?? '').map(({ at, text }) => {
      form.set(field, text);
      return { what: `field ${field}, character ${at}`, damaged: { ...post, rawBody: Buffer.from(form.toString()) } };
    });
  });
}

const flips = (text: string): { at: number; text: string }[] =>
  [...text].map((character, at) => ({
    at,
    text: text.slice(0, at) + String.fromCharCode(character.charCodeAt(0) ^ 1) + text.slice(at + 1),
  }));

/** Signed with no key at all: Node would do it. */
function emptyKeyed(signer: Signer, fixture: Fixture): Post {
  return signer.sign(postOf(fixture), signer.secrets[0].startsWith('whsec_') ? 'whsec_' : '', NOW);
}

const swapCase = (text: string): string =>
  text.replace(/[a-z]/gi, (c) => (c === c.toLowerCase() ? c.toUpperCase() : c.toLowerCase()));
const renamed = ([name, value]: [string, string]): [string, string] => [name, /(^|-)id$/.test(name) ? `${value}_anew` : value];
/** The first post again, with other headers wherever those are not guarded. */
const guarded = (post: Post, { guardedHeaders }: Signer, others: Record<string, string>): Post => ({
  ...post,
  headers: {
    ...post.headers,
    ...others,
    ...Object.fromEntries(guardedHeaders.map((name) => [name, post.headers[name] as string])),
  },
});

/** How each event of a reading would be recognised. */
function identities(reading: Reading): { id?: string; bytes?: string }[] {
  if (reading.kind !== 'events') return [];
  return reading.events.map(({ sourceEventId, rawBody }) => ({
    id: sourceEventId,
    bytes: rawBody && createHash('sha256').update(rawBody).digest('hex'),
  }));
}

/** A reading as a fixture writes it. */
function shown(reading: Reading): object {
  if (reading.kind === 'ignored') return { ignored: reading.what };
  if (reading.kind === 'unusable') return { unusable: reading.reason };
  const events = reading.events.map(({ rawBody: _bytes, occurredAt, ...event }) => ({
    ...event,
    occurredAt: occurredAt === undefined ? undefined : toIso(occurredAt),
  }));
  return reading.unusable === undefined ? { events } : { events, unusable: reading.unusable };
}

const shapeOf = (reads: Reads): object => reads;

/** A source that writes into what it is given would read differently the second time. */
function freeze(post: Post): Post {
  return Object.freeze({ ...post, headers: Object.freeze({ ...post.headers }) });
}
