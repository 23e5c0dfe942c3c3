import { type EventContent } from '../ingestion/ingestion.api';
import { type RunFacts } from './rules/run';

const MAX_PROPERTIES = 50;

/** What a run keeps of its trigger: what conditions and templates may read, and nothing that says where the person lives or is reached. */
export function factsOf(content: EventContent, personName: string | null): RunFacts {
  const { keys = {}, amount, reason, person, properties = {} } = content;
  const scalars = Object.entries(properties).filter(([, value]) => ['string', 'number', 'boolean'].includes(typeof value));
  return {
    keys: keys as Readonly<Record<string, string>>,
    name: person?.name ?? personName ?? undefined,
    amount: amount && { value: amount.amount, currency: amount.currency },
    reason,
    properties: Object.fromEntries(scalars.slice(0, MAX_PROPERTIES)),
    attempts: 1,
  };
}
