import { type KeyKind } from '@wapas/entity-keys';
import { after, durationOf, type Instant, minutes } from '@wapas/kernel';
import { type Condition } from './condition';
import { type JourneyVersion } from './definition';
import { type RunFacts } from './run';
import { type SimulatedAnswer, type SimulatedEvent } from './simulate';

/** How an invented customer behaves. */
export const BEHAVIOURS = ['silent', 'engages', 'unreachable', 'returns'] as const;
export type Behaviour = (typeof BEHAVIOURS)[number];

/**
 * A customer made up for a journey: the trigger says what the journey asks for, and the customer stays silent, answers the
 * first message, cannot be reached by its channel, or reaches the goal half-way between the first step and the second.
 */
export function inventCustomer(
  version: JourneyVersion,
  behaviour: Behaviour,
  start: Instant,
): { events: SimulatedEvent[]; answers: SimulatedAnswer[] } {
  const facts = factsFor(version);
  const keys = keysFor(version);
  const trigger: SimulatedEvent = { id: 'invented-trigger', name: version.trigger.event, occurredAt: start, facts, keys };
  const [first, second] = version.steps;
  const answers: SimulatedAnswer[] =
    first && behaviour === 'engages'
      ? [{ step: first.key, signal: first.channel === 'whatsapp' ? 'read' : 'clicked', after: minutes(2) }]
      : first && behaviour === 'unreachable'
        ? [{ step: first.key, signal: 'failed', after: durationOf(1_000) }]
        : [];
  const goal = version.goals[0];
  const middle = Math.round(((first?.after ?? 0) + (second?.after ?? version.window)) / 2_000) * 1_000;
  const held = version.hold ? version.hold.for : 0;
  const goalEvent = (name: string): SimulatedEvent => ({
    id: 'invented-goal',
    name,
    occurredAt: after(start, durationOf(held + middle)),
    facts,
    keys,
  });
  const name = goal?.events[0];
  return { events: behaviour === 'returns' && name !== undefined ? [trigger, goalEvent(name)] : [trigger], answers };
}

function keysFor(version: JourneyVersion): SimulatedEvent['keys'] {
  const kinds = new Set<KeyKind>([...version.correlateBy.slice(0, 1), ...version.goal.by, 'customer', 'phone']);
  return [...kinds].map((kind) => ({ kind, value: `invented_${kind}` }));
}

function factsFor(version: JourneyVersion): RunFacts {
  const facts = {
    keys: { order: 'ORD-1042', cart: 'CRT-77', checkout: 'CHK-31', kycApplication: 'KYC-310', mandate: 'MND-4' },
    name: 'Asha Rao',
    profile: { isCustomer: true, hasPhone: true, hasEmail: true, hasPush: true },
    known: { isCustomer: true, hasPhone: true, hasEmail: true, hasWhatsapp: true, hasPush: true, language: 'en' },
    amount: { value: 149_900, currency: 'INR' },
    reason: { class: 'user_error' },
    properties: {},
    attempts: 1,
  };
  for (const [, path = '', formatter] of JSON.stringify(version.steps).matchAll(PRINTED))
    put(facts, path, formatter === 'date' ? '2026-12-05' : path.slice('properties.'.length).replaceAll('_', ' '));
  for (const path of version.correlateWith) put(facts, path, '2026-12-05');
  for (const condition of version.trigger.where) meet(facts, condition);
  return facts;
}

/** What the messages print of the trigger's own words: a made-up customer has them. */
const PRINTED = /\{\{\s*(properties\.[A-Za-z_][A-Za-z0-9_]*)\s*(?:\|\s*(\w+)\s*)?\}\}/g;

/** Lets a condition hold as far as one value can. `put` writes own properties only: the path was checked with the definition. */
function meet(facts: object, condition: Condition): void {
  const { field } = condition;
  if ('is' in condition) put(facts, field, condition.is);
  else if ('in' in condition) put(facts, field, condition.in[0]);
  else if ('atLeast' in condition) put(facts, field, Math.max(condition.atLeast, 149_900));
  else if ('atMost' in condition) put(facts, field, Math.min(condition.atMost, 149_900));
  else if ('startsWith' in condition) put(facts, field, `${condition.startsWith}1`);
  else if ('exists' in condition) put(facts, field, condition.exists ? 'x' : undefined);
}

function put(target: object, path: string, value: unknown): void {
  const [root, field] = path.split('.') as [string, string?];
  const holder = target as Record<string, unknown>;
  if (field === undefined) holder[root] = value;
  else holder[root] = { ...(holder[root] as object | undefined), [field]: value };
}
