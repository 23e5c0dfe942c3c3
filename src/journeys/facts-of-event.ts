import { amountAsPosted, type StoredEvent } from '../ingestion/ingestion.api';
import { type ArrivedEvent } from './rules/endings';
import { type KnownFacts, type RunFacts } from './rules/run';

const MAX_PROPERTIES = 50;
const MAX_ENTRIES = 50;

/** What a run keeps of its trigger: what conditions and templates may read, and nothing that says where the person lives or is reached. */
export function factsOf({ content, occurredAt }: Pick<StoredEvent, 'content' | 'occurredAt'>): RunFacts {
  const { keys = {}, reason, person = {}, properties = {} } = content;
  return {
    happenedAt: occurredAt,
    keys: keys as Readonly<Record<string, string>>,
    name: person.name,
    profile: {
      isCustomer: person.customerId !== undefined,
      hasPhone: person.phone !== undefined,
      hasEmail: person.email !== undefined,
      hasPush: (person.pushTokens ?? []).length > 0,
    },
    amount: amountAsPosted(content),
    reason,
    properties: keptOf(properties),
    attempts: 1,
  };
}

/** Somebody who is stored, as far as a run takes it in. */
export interface StoredPerson {
  readonly name: string | null;
  readonly isCustomer: boolean;
  readonly language: string | null;
  /** What they are reached by: `phone`, `email`, `whatsapp_id`, `push_token`. */
  readonly addresses: readonly string[];
}

/** What a run takes in that begins with these facts and is about this person. */
export function factsAbout(facts: RunFacts, { name, isCustomer, language, addresses }: StoredPerson): RunFacts {
  const known: KnownFacts = {
    isCustomer,
    hasPhone: addresses.includes('phone'),
    hasEmail: addresses.includes('email'),
    hasWhatsapp: addresses.includes('whatsapp_id'),
    hasPush: addresses.includes('push_token'),
    ...(language === null ? {} : { language }),
  };
  return { ...facts, name: facts.name ?? name ?? undefined, known };
}

/** An event as the rules of endings see it. */
export const arrived = (event: StoredEvent): ArrivedEvent => ({
  id: event.id,
  name: event.name,
  occurredAt: event.occurredAt,
  facts: factsOf(event),
});

function keptOf(properties: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const names = Object.keys(properties).filter((name) => isKept(properties[name]));
  if (names.length > MAX_PROPERTIES) names.length = MAX_PROPERTIES;
  return Object.fromEntries(names.map((name) => [name, properties[name]]));
}

/** Plain values, and short lists of them: the items of a cart. */
const isKept = (value: unknown): boolean =>
  isPlain(value) || (Array.isArray(value) && value.length <= MAX_ENTRIES && value.every(isPlain));

const isPlain = (value: unknown): boolean => typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
