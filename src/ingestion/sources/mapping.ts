import { type EventConsent, type EventKeys, type PushToken } from '../rules/new-event';
import { type TimeFormat, type Value, type Worded } from './read-values';

/** How a payload becomes an event. Data: a preset, an operator or a source of the tree says it, one function reads it. */
export interface Mapping {
  /** How the body is written; as its Content-Type says unless said here. */
  readonly body?: 'json' | 'form';
  /**
   * A JSON pointer to a list: each of its entries, a hundred at the most, is an event of its own. The other pointers lead from the
   * entry, and from the whole body with `body:` before them. The empty pointer is a body that is a list.
   */
  readonly each?: string;
  /** What the sender calls this event, the same when it repeats it. Without it the bytes of the body are remembered. */
  readonly id?: Value;
  readonly event: EventMapping;
  /** When it happened. Without it: when it comes in. */
  readonly occurredAt?: {
    readonly from: Value;
    readonly format: TimeFormat;
    /** IANA time zone of `local` times; UTC unless said. */
    readonly zone?: string;
    /** Where no time stands there, the event counts as happening when it comes in; unless said, it is kept for a person. */
    readonly missing?: 'received';
  };
  readonly person?: PersonMapping;
  /** Texts that stand for nobody in particular, such as the customer id 0 of guests: they identify no one. */
  readonly nobody?: readonly string[];
  readonly keys?: Partial<Readonly<Record<keyof EventKeys, Value>>>;
  /** What the person agrees to or takes back with it. */
  readonly consents?: readonly ConsentMapping[];
  readonly amount?: { readonly value: Value; readonly currency: Value; readonly unit: 'minor' | 'major' };
  readonly reason?: ReasonMapping;
  /**
   * Texts, numbers, booleans and short lists of them that journeys may filter on and templates may print, by the name they get.
   * What a payment went over is named as everywhere (sources/rails.ts), so that mass incidents are seen; without its `gateway` it is
   * held by what is down at any of them.
   */
  readonly properties?: Readonly<Record<string, Value>>;
}

export type PersonField = 'customerId' | 'phone' | 'email' | 'whatsappId' | 'name' | 'language' | 'timeZone';

export interface PersonMapping extends Partial<Readonly<Record<PersonField, Value>>> {
  readonly pushTokens?: readonly PushTokenMapping[];
}

/** Where the devices of a person stand: one, or with `each` those of a list. */
export interface PushTokenMapping {
  /** As in Mapping, from there: the other pointers lead from the entry. */
  readonly each?: string;
  readonly token: Value;
  readonly platform: Worded<PushToken['platform']>;
  readonly kind?: Worded<NonNullable<PushToken['kind']>>;
  readonly permission?: Worded<NonNullable<PushToken['permission']>>;
  readonly app?: Value;
}

/** Where a consent stands: one, or with `each` those of a list. Nothing is said where its state is absent, or `none`. */
export interface ConsentMapping {
  /** As in Mapping, from there: the other pointers lead from the entry. */
  readonly each?: string;
  readonly purpose: Worded<EventConsent['purpose']>;
  readonly channel: Worded<string>;
  /** `none`: the word says nothing, such as a box that was not ticked. */
  readonly state: Worded<EventConsent['state'] | 'none'>;
  /** When they said so. Without it: when the event happened. */
  readonly at?: { readonly from: Value; readonly format: TimeFormat; readonly zone?: string };
  /** Where they said so, one word. Without it: the source's own name. */
  readonly source?: Value;
  readonly noticeVersion?: Value;
  readonly noticeLanguage?: Value;
  readonly proof?: Value;
}

export interface EventMapping {
  /** Missing parts of a joined one are empty. */
  readonly from: Value;
  /** Our name by theirs. Absent: theirs is taken as it is. */
  readonly names?: Readonly<Record<string, string>>;
  /** What becomes of a name that is not among `names`: ignored unless said. */
  readonly others?: 'ignore' | 'keep' | 'quarantine';
}

export interface ReasonMapping {
  /** Our names of the events that have a reason. */
  readonly events: readonly string[];
  /** Asked in turn; the first that knows the source's word gives the class. The first word that is there is kept as the code. */
  readonly by: readonly { readonly from: Value; readonly classes: Readonly<Record<string, string>> }[];
  /** `unknown` unless said. */
  readonly otherwise?: string;
}
