import { after, type Instant, minutes, parseInstant } from '@wapas/kernel';
import { DIMENSIONS, fullNameOf, isValue, type Rail, type RailAt } from './rail';

/** An event about rails, as its source stated it. */
export interface SaidOfRails {
  readonly source: string;
  readonly occurredAt: Instant;
  readonly test: boolean;
  /** Its name says that the rails are up again. */
  readonly saysOver: boolean;
  readonly properties: Readonly<Record<string, unknown>>;
}

/** What somebody who should know said of rails: they are down, or up again. */
export interface Downtime {
  /** Who said so: the source of the event. */
  readonly source: string;
  /** What the source calls it. */
  readonly id: string;
  /** At the gateway that it is said of; one that is said of none is down whichever gateway it is reached over. */
  readonly rails: readonly RailAt[];
  readonly severity: string | null;
  readonly saidAt: Instant;
  readonly isOver: boolean;
  readonly holdsFrom: Instant;
  /** Whoever is never told that it is over goes on then. */
  readonly holdsUntil: Instant;
}

/** What names a part of a method is narrower than the method: then the rest of it is up. */
const NARROW = DIMENSIONS.filter((dimension) => dimension !== 'method' && dimension !== 'gateway');
const MOST_RAILS = 50;
/**
 * With a low severity most payments go through (razorpay.com/docs/api/payments/downtime/entity, read 2026-11-28: "impact on payment
 * methods is minimal"): nobody need wait.
 */
const HARMLESS = 'low';
/** A webhook that says "over" may be lost; nobody is held longer than this for the want of it. Each further word counts anew. */
const LONGEST_SILENCE = minutes(6 * 60);

/** What an event says of rails; nothing when it names none, or is a test. */
export function downtimeOf({ source, occurredAt, test, saysOver, properties }: SaidOfRails): Downtime | undefined {
  const rails = railsDown(properties);
  if (test || rails.length === 0) return undefined;
  const severity = textOf(properties.severity)?.toLowerCase() ?? null;
  const begins = timeOf(properties.begins);
  const ends = timeOf(properties.ends);
  return {
    source,
    id: textOf(properties.downtime) ?? rails.map(fullNameOf).join(' '),
    rails,
    severity,
    saidAt: occurredAt,
    isOver: saysOver || severity === HARMLESS,
    holdsFrom: begins !== null && begins > occurredAt ? begins : occurredAt,
    holdsUntil: ends !== null && ends > occurredAt ? ends : after(occurredAt, LONGEST_SILENCE),
  };
}

function railsDown(properties: Readonly<Record<string, unknown>>): RailAt[] {
  const named = (dimension: Rail['dimension']): Rail[] => {
    const said = Object.hasOwn(properties, dimension) ? properties[dimension] : undefined;
    return (Array.isArray(said) ? (said as unknown[]) : [said])
      .filter(isValue)
      .map((value) => ({ dimension, value: value.toLowerCase() }));
  };
  // An issuer's cards of a network are a part of the issuer's, not all of the network's.
  const narrow = NARROW.flatMap((dimension) => (dimension === 'network' && named('issuer').length > 0 ? [] : named(dimension)));
  const gateways = named('gateway');
  const rails = narrow.length > 0 ? narrow : named('method');
  if (rails.length === 0) return gateways.map((rail) => ({ ...rail, gateway: null })).slice(0, MOST_RAILS);
  const places = gateways.length > 0 ? gateways.map(({ value }) => value) : [null];
  return rails.flatMap((rail) => places.map((gateway) => ({ ...rail, gateway }))).slice(0, MOST_RAILS);
}

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' && value.length <= 128 ? value : undefined;
const timeOf = (value: unknown): Instant | null => (typeof value === 'string' ? parseInstant(value) : null);
