import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { fixturesIn } from '../sources/fixtures.test-kit';
import { sources } from '../sources/registry';
import { eventCatalogue, isCatalogued } from './event-catalogue';

const SRC = join(__dirname, '..', '..');
const yamlIn = (folder: string): unknown[] =>
  readdirSync(join(SRC, folder))
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => parse(readFileSync(join(SRC, folder, file), 'utf8')) as unknown);

/** Every text under `event`, `events`, `after`, `unless`, `silence` or `confirmedBy`, wherever it stands. */
function namesIn(value: unknown, key = ''): string[] {
  if (typeof value === 'string')
    return /^(event|events|after|unless|silence|confirmedBy)$/.test(key) && /^[A-Z]/.test(value) ? [value] : [];
  if (Array.isArray(value)) return value.flatMap((item) => namesIn(item, key));
  return typeof value === 'object' && value !== null ? Object.entries(value).flatMap(([name, item]) => namesIn(item, name)) : [];
}

it('every name stands once, with a sentence', () => {
  const all = eventCatalogue.map(({ name }) => name);
  expect(new Set(all).size).toBe(all.length);
  expect(eventCatalogue.filter(({ description }) => !/^[A-Z].*\.$/.test(description))).toEqual([]);
});

it('what starter journeys and derived events speak of is in it', () => {
  const spoken = [...namesIn(yamlIn('journeys/starter')), ...namesIn(yamlIn('ingestion/derived/starter'))];
  expect(spoken.length).toBeGreaterThan(40);
  expect([...new Set(spoken)].filter((name) => !isCatalogued(name))).toEqual([]);
});

it.each(['razorpay', 'cashfree', 'stripe', 'shopify', 'sumsub'])('what %s says is in it', (source) => {
  expect(sources.has(source)).toBe(true);
  const events = fixturesIn(join(SRC, 'ingestion', 'sources', source, 'fixtures')).flatMap(({ reads }) =>
    'events' in reads ? (reads.events as readonly { name: string }[]) : [],
  );
  expect(events.length).toBeGreaterThan(4);
  expect([...new Set(events.map(({ name }) => name))].filter((name) => !isCatalogued(name))).toEqual([]);
});
