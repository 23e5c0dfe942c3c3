import { isRecord } from '@wapas/kernel';

/** A template of a definition, with where it stands. */
export interface FoundTemplate {
  readonly at: string;
  /** Place of its step, from 0. */
  readonly step: number;
  readonly channel: string;
  readonly template: Readonly<Record<string, unknown>>;
}

/** As many steps, messages and variants as a definition may have; what is beyond is a fault of its own. */
const MOST = 50;

/** Every template in a definition, or in what is to become one: what has not the form of a step or a message is passed over. */
export function templatesIn(value: unknown): FoundTemplate[] {
  return entries(value, 'steps').flatMap(([stepAt, { channel, ...step }, index]) => {
    if (typeof channel !== 'string') return [];
    return entries(step, 'messages').flatMap(([messageAt, message]) =>
      [['', message] as const, ...entries(message, 'variants')].flatMap(([at, { template }]) =>
        isRecord(template) ? [{ at: `${stepAt}${messageAt}${at}/template`, step: index, channel, template }] : [],
      ),
    );
  });
}

type Entry = readonly [at: string, entry: Readonly<Record<string, unknown>>, index: number];

/** The objects of a list, each with its pointer from what holds the list. */
function entries(holder: unknown, name: string): Entry[] {
  const list = isRecord(holder) ? holder[name] : undefined;
  if (!Array.isArray(list)) return [];
  return list
    .slice(0, MOST)
    .flatMap((entry: unknown, index): Entry[] => (isRecord(entry) ? [[`/${name}/${index}`, entry, index]] : []));
}
