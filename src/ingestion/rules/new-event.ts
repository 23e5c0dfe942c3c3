import { type Instant, type Money } from '@wapas/kernel';

/** What an event may be about, by name in the API. Values are the source's own ids. */
export interface EventKeys {
  readonly order?: string;
  readonly payment?: string;
  readonly cart?: string;
  readonly checkout?: string;
  readonly kycApplication?: string;
  readonly mandate?: string;
}

export interface PushToken {
  readonly token: string;
  readonly platform: 'android' | 'ios' | 'web';
  readonly kind?: 'fcm_token' | 'fcm_installation';
  readonly permission?: 'granted' | 'denied';
  readonly app?: string;
}

/** Who an event concerns, normalised: the phone is E.164, the e-mail lower-case. */
export interface EventPerson {
  readonly customerId?: string;
  readonly phone?: string;
  readonly email?: string;
  /** WhatsApp's own name for the person towards this business (`IN.…`), which may come without a phone since 2026. */
  readonly whatsappId?: string;
  readonly name?: string;
  /** BCP 47. */
  readonly language?: string;
  /** IANA name. */
  readonly timeZone?: string;
  readonly pushTokens?: readonly PushToken[];
}

/** What happened, in the source's words and in ours. */
export interface EventReason {
  /** Ours: user_error, timeout, … ; a journey branches on this one. */
  readonly class: string;
  /** The source's own code. */
  readonly code?: string;
}

/** What the customer agreed to or took back on this occasion: a tick-box at checkout, a switch in the app. */
export interface EventConsent {
  readonly purpose: 'service' | 'marketing' | 'all';
  readonly channel: string;
  readonly state: 'granted' | 'withdrawn';
  /** When they said so, RFC 3339 in UTC. Absent: when the event happened. */
  readonly at?: string;
  /** Where they said so, one word. Absent: the event's own source. */
  readonly source?: string;
  readonly noticeVersion?: string;
  readonly noticeLanguage?: string;
  readonly proof?: string;
}

/** What is stored of an event besides its name and times. */
export interface EventContent {
  readonly person?: EventPerson;
  readonly keys?: EventKeys;
  readonly amount?: Money;
  readonly reason?: EventReason;
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly consents?: readonly EventConsent[];
}

/** An event's money in the form in which it is posted, in minor units. */
export const amountAsPosted = ({ amount }: Pick<EventContent, 'amount'>) =>
  amount && { value: amount.amount, currency: amount.currency };

/** An event that has been checked and normalised, ready to be recorded. */
export interface NewEvent {
  /** `api` for first-party events, `api-test` for those of test keys, else the source's name. */
  readonly source: string;
  /** The source's id for it; without one an event is always new. */
  readonly sourceEventId?: string;
  readonly name: string;
  /** As the source says, also when its clock runs ahead: a repetition must look the same. Absent: the moment it is recorded. */
  readonly occurredAt?: Instant;
  readonly test: boolean;
  /** When it first came, for one that was kept in quarantine until now. Absent: now. */
  readonly receivedAt?: Instant;
  readonly content: EventContent;
  /** Given for webhooks that sign neither id nor time: the same bytes again are the same event, whatever id they carry. */
  readonly rawBody?: Buffer;
}
