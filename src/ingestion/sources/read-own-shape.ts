import { type Instant, isRecord } from '@wapas/kernel';
import { checkEvent } from '../rules/check-event';
import { type NewEvent } from '../rules/new-event';
import { type ChannelWords } from '../rules/channel-words';
import { type PhonePolicy } from '../rules/phone';
import { isAboutRails } from '../rules/downtime-events';
import { isAboutSomething } from './read-mapped';

/** An event whose envelope belongs to a standard and whose data are written as the events API takes them. */
export interface OwnShape {
  readonly source: string;
  readonly name: string;
  readonly data: unknown;
  readonly occurredAt?: Instant;
  readonly sourceEventId?: string;
  /** What else the envelope says, as properties. */
  readonly properties: Readonly<Record<string, string>>;
  readonly test: boolean;
  readonly phones: PhonePolicy;
  readonly channels: ChannelWords;
}

const KNOWN = ['person', 'keys', 'amount', 'reason', 'properties', 'consents'] as const;
/** What may be left out when it cannot be used: the event is worth more than a number that is mistyped. */
const MAY_GO = /^\/(person\/[A-Za-z]+|amount|reason)(?:\/|$)/;
/** The time of an envelope is checked where it is read; nothing that its data say lies ahead of this. */
const ANY_TIME = Number.MAX_SAFE_INTEGER as Instant;

/**
 * Reads `data` as `POST /v1/events` would: `person`, `keys`, `amount`, `reason`, `properties`, `consents`. Texts, numbers and
 * booleans under other names become properties. Gives a reason when it cannot be an event.
 */
export function readOwnShape(shape: OwnShape): NewEvent | { readonly unusable: string } {
  const { data, name, test, phones, channels, properties } = shape;
  if (typeof data !== 'object' || data === null || Array.isArray(data)) return { unusable: 'no_data' };
  const body: Record<string, unknown> = { event: name };
  const others: Record<string, unknown> = { ...properties };
  for (const [field, value] of Object.entries(data)) {
    if ((KNOWN as readonly string[]).includes(field)) body[field] = value;
    else if (['string', 'number', 'boolean'].includes(typeof value)) others[field] = value;
  }
  if (Object.keys(others).length > 0) body.properties = { ...others, ...recordOf(body.properties) };
  const context = { now: ANY_TIME, test, phones, channels };
  let checked = checkEvent(body, context);
  if (!checked.ok) {
    const spared = structuredClone(body);
    for (const { at } of checked.faults) leaveOut(spared, MAY_GO.exec(at)?.[1]);
    checked = checkEvent(spared, context);
  }
  if (!checked.ok) return { unusable: checked.faults[0]?.code ?? 'bad_data' };
  if (!isAboutSomething(checked.event.content) && !isAboutRails(checked.event.name)) return { unusable: 'no_key_or_person' };
  return { ...checked.event, source: shape.source, sourceEventId: shape.sourceEventId, occurredAt: shape.occurredAt };
}

function leaveOut(body: Record<string, unknown>, path: string | undefined): void {
  if (path === undefined) return;
  const [first = '', second] = path.split('/');
  if (second === undefined) delete body[first];
  else delete (recordOf(body[first]) as Record<string, unknown>)[second];
}

const recordOf = (value: unknown): object => (isRecord(value) ? value : {});
