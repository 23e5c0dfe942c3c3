import { type EntityKey } from '@wapas/entity-keys';
import { between, groupBy, type Instant, minutes } from '@wapas/kernel';

/** A device that may show a push. */
export interface SightedToken {
  readonly key: EntityKey;
  readonly token: string;
  readonly platform: string;
  /** fcm_token or fcm_installation. */
  readonly kind?: string;
  /** Whether its owner lets the app show notifications. */
  readonly permission?: string;
  readonly app?: string;
}

/** What an event says about a person, with keys already hashed. */
export interface Sighting {
  readonly eventId: string;
  readonly at: Instant;
  readonly customer?: EntityKey;
  readonly phone?: { readonly key: EntityKey; readonly e164: string; readonly ending?: EntityKey };
  readonly email?: { readonly key: EntityKey; readonly address: string };
  /** WhatsApp's business-scoped id. */
  readonly whatsapp?: { readonly key: EntityKey; readonly id: string };
  readonly name?: string;
  /** BCP 47. */
  readonly language?: string;
  /** IANA name. */
  readonly timeZone?: string;
  readonly pushTokens: readonly SightedToken[];
  /** When the person gave a consent that comes with it: whoever was erased before that is welcome again. */
  readonly consentGivenAt?: Instant;
}

export interface KnownIdentifier {
  readonly key: EntityKey;
  readonly kind: 'customer' | 'phone' | 'email' | 'whatsapp_id' | 'erased';
  readonly personId: string;
  /** For `erased`. */
  readonly erasedAt?: Instant | null;
  /** The event it was learnt from. */
  readonly eventId?: string;
}

/** An identifier that is an address as well, with the moment at which it was last written down, if ever. */
export interface SeenIdentifier extends KnownIdentifier {
  readonly lastSeenAt: Instant | null;
}

export interface Address {
  readonly personId: string;
  readonly kind: 'phone' | 'email' | 'whatsapp_id' | 'push_token';
  readonly key: EntityKey;
  readonly value: string;
  readonly platform?: string;
  readonly lastSeenAt: Instant;
  readonly tokenKind?: string;
  readonly permission?: string;
  readonly app?: string;
  /** Of a phone: keyed hash of its last four digits. */
  readonly ending?: EntityKey;
}

export interface Resolution {
  /** The person of each event; absent when it names nobody. */
  readonly personOf: ReadonlyMap<string, string>;
  /** Guests of whom a known customer showed an identifier: they may be one (`mayMerge`). */
  readonly guestsMet: readonly { readonly guestId: string; readonly personId: string; readonly eventId: string }[];
  /** Events of people who were erased and have not come back. */
  readonly ofErased: readonly string[];
  readonly newPeople: readonly { readonly id: string; readonly unit: EntityKey; readonly name?: string }[];
  readonly newIdentifiers: readonly KnownIdentifier[];
  /** Every address that was sighted, once, with its latest owner and time. */
  readonly addresses: readonly Address[];
  /** The latest word about each person's language and time zone. */
  readonly traits: readonly SaidTraits[];
  /** What known people are said to be called, the first of each. Whoever has a name already keeps it. */
  readonly names: readonly SaidName[];
}

export interface SaidName {
  readonly personId: string;
  readonly name: string;
}

/** What was said of a person, and when. */
export interface SaidTraits {
  readonly personId: string;
  readonly language?: Said;
  readonly timeZone?: Said;
}

interface Said {
  readonly value: string;
  readonly at: Instant;
}

/**
 * Whose events are these? A customer id decides. Without one, WhatsApp's own id for the person does, then a phone when exactly
 * one person has it; when several
 * share it, the event belongs to the person who is known by the phone alone. Two people on one phone are never merged. Who
 * was erased stays nobody until they give a new consent; then they are somebody new.
 * `newId` names the people it has to make up. Sightings come in the order in which their events happened.
 */
export function resolvePeople(
  sightings: readonly Sighting[],
  known: readonly KnownIdentifier[],
  newId: () => string,
): Resolution {
  const book = new IdentifierBook(known);
  const personOf = new Map<string, string>();
  const newPeople = new Map<string, { id: string; unit: EntityKey }>();
  const names = new Map<string, string>();
  const addresses = new Map<string, Address>();
  const ofErased: string[] = [];
  const guestsMet: { guestId: string; personId: string; eventId: string }[] = [];
  const traits = new Map<string, SaidTraits>();
  for (const sighting of sightings) {
    const unit = strongestOf(sighting);
    if (!unit) continue;
    if (book.isErased(sighting)) {
      ofErased.push(sighting.eventId);
      continue;
    }
    let personId = book.find(sighting);
    if (personId === undefined) {
      personId = newId();
      newPeople.set(personId, { id: personId, unit });
    }
    const name = sighting.name?.trim();
    if (name && !names.has(personId)) names.set(personId, name);
    const guestId = sighting.customer && book.guestBeside(sighting, personId);
    if (guestId !== undefined) guestsMet.push({ guestId, personId, eventId: sighting.eventId });
    book.learn(sighting, personId);
    personOf.set(sighting.eventId, personId);
    const said = traitsIn(sighting);
    if (said) traits.set(personId, { ...traits.get(personId), ...said, personId });
    for (const address of addressesOf(sighting, personId))
      addresses.set(address.kind === 'push_token' ? address.key : `${personId} ${address.key}`, address);
  }
  return {
    personOf,
    guestsMet,
    ofErased,
    newPeople: [...newPeople.values()].map((one) => ({ ...one, name: names.get(one.id) })),
    newIdentifiers: book.learned,
    addresses: [...addresses.values()],
    traits: [...traits.values()],
    names: [...names].flatMap(([personId, name]) => (newPeople.has(personId) ? [] : [{ personId, name }])),
  };
}

function traitsIn({ language, timeZone, at }: Sighting): Omit<SaidTraits, 'personId'> | undefined {
  if (language === undefined && timeZone === undefined) return undefined;
  return {
    ...(language !== undefined && { language: { value: language, at } }),
    ...(timeZone !== undefined && { timeZone: { value: timeZone, at } }),
  };
}

/** Whose these events are, as far as is known already: by the same rule, without meeting or learning anybody. */
export function ownersOf(sightings: readonly Sighting[], known: readonly KnownIdentifier[]): Map<string, string> {
  const book = new IdentifierBook(known);
  const owners = new Map<string, string>();
  for (const sighting of sightings) {
    const owner = book.find(sighting);
    if (owner !== undefined) owners.set(sighting.eventId, owner);
  }
  return owners;
}

/** A sighting within the last hour is news enough: without this every event would rewrite its person's addresses. */
const NEWS_AFTER = minutes(60);

/** The addresses that are worth writing down. Whether a push token is news is known by nobody here. */
export function newsAmong(addresses: readonly Address[], known: readonly SeenIdentifier[]): Address[] {
  const seen = new Map(known.map(({ personId, key, lastSeenAt }) => [`${personId} ${key}`, lastSeenAt]));
  return addresses.filter(({ personId, key, lastSeenAt }) => {
    const before = seen.get(`${personId} ${key}`) ?? null;
    return before === null || between(before, lastSeenAt) > NEWS_AFTER;
  });
}

/** What is known, once it turns out that some of these people were erased meanwhile. */
export const asErased = (known: readonly SeenIdentifier[], erased: ReadonlyMap<string, Instant>): readonly SeenIdentifier[] =>
  erased.size === 0
    ? known
    : known.map((one) => {
        const erasedAt = erased.get(one.personId);
        return erasedAt === undefined ? one : { ...one, kind: 'erased', erasedAt };
      });

class IdentifierBook {
  readonly learned: KnownIdentifier[] = [];
  private readonly people = new Map<EntityKey, Set<string>>();
  private readonly withCustomerId = new Set<string>();
  private readonly erased = new Map<EntityKey, Instant>();

  constructor(known: readonly KnownIdentifier[]) {
    for (const identifier of known) this.note(identifier);
  }

  /** The strongest identifier decides: a customer id that was erased, or a phone or e-mail alone that nobody else has. */
  isErased(sighting: Sighting): boolean {
    const { consentGivenAt } = sighting;
    const key = strongestOf(sighting);
    const erasedAt = key && this.erased.get(key);
    if (key === undefined || erasedAt === undefined || this.people.has(key)) return false;
    return consentGivenAt === undefined || consentGivenAt <= erasedAt;
  }

  find({ customer, phone, email, whatsapp }: Sighting): string | undefined {
    if (customer) return this.only(customer) ?? this.anonymous(phone?.key) ?? this.anonymous(whatsapp?.key);
    const byWhatsApp = whatsapp && this.only(whatsapp.key);
    if (byWhatsApp !== undefined) return byWhatsApp;
    if (phone) return this.only(phone.key) ?? this.anonymous(phone.key);
    return email && (this.only(email.key) ?? this.anonymous(email.key));
  }

  /** Somebody else who is known by the same phone or e-mail, and by no customer id. Said once: from then on both have it. */
  guestBeside({ phone, email, whatsapp }: Sighting, personId: string): string | undefined {
    const shared = [phone?.key, email?.key, whatsapp?.key].filter(
      (key) => key !== undefined && !this.people.get(key)?.has(personId),
    );
    return shared.map((key) => this.anonymous(key)).find((id) => id !== undefined && id !== personId);
  }

  learn({ customer, phone, email, whatsapp, eventId }: Sighting, personId: string): void {
    const seen: ['customer' | 'phone' | 'email' | 'whatsapp_id', EntityKey | undefined][] = [
      ['customer', customer],
      ['phone', phone?.key],
      ['email', email?.key],
      ['whatsapp_id', whatsapp?.key],
    ];
    for (const [kind, key] of seen) {
      if (!key || this.people.get(key)?.has(personId)) continue;
      const identifier: KnownIdentifier = { key, kind, personId, eventId };
      this.note(identifier);
      this.learned.push(identifier);
    }
  }

  private only(key: EntityKey): string | undefined {
    const people = this.people.get(key);
    return people?.size === 1 ? [...people][0] : undefined;
  }

  /** The person known by this phone or e-mail alone: a guest who may now have given a customer id. */
  private anonymous(key: EntityKey | undefined): string | undefined {
    return key && [...(this.people.get(key) ?? [])].find((id) => !this.withCustomerId.has(id));
  }

  private note({ key, kind, personId, erasedAt }: KnownIdentifier): void {
    if (kind === 'erased') {
      const earlier = this.erased.get(key);
      if (erasedAt && (earlier === undefined || erasedAt > earlier)) this.erased.set(key, erasedAt);
      return;
    }
    const people = this.people.get(key) ?? new Set();
    people.add(personId);
    this.people.set(key, people);
    if (kind === 'customer') this.withCustomerId.add(personId);
  }
}

function addressesOf(sighting: Sighting, personId: string): Address[] {
  const { phone, email, whatsapp, pushTokens, at: lastSeenAt } = sighting;
  const addresses: Address[] = pushTokens.map(({ key, token, platform, kind, permission, app }) => ({
    personId,
    kind: 'push_token',
    key,
    value: token,
    platform,
    tokenKind: kind,
    permission,
    app,
    lastSeenAt,
  }));
  if (phone) addresses.push({ personId, kind: 'phone', key: phone.key, value: phone.e164, lastSeenAt, ending: phone.ending });
  if (email) addresses.push({ personId, kind: 'email', key: email.key, value: email.address, lastSeenAt });
  if (whatsapp) addresses.push({ personId, kind: 'whatsapp_id', key: whatsapp.key, value: whatsapp.id, lastSeenAt });
  return addresses;
}

/** What a person is known by, the strongest first. */
const strongestOf = ({ customer, phone, whatsapp, email }: Sighting): EntityKey | undefined =>
  customer ?? phone?.key ?? whatsapp?.key ?? email?.key;

/** What something was said by that names no customer: whoever else has it may have said it. */
export const saidByOf = (sighting: Sighting): EntityKey | undefined =>
  sighting.customer === undefined ? strongestOf(sighting) : undefined;

/** Those who have come to be known by what somebody else is known by already. */
export const sharersAmong = (learnt: readonly KnownIdentifier[], known: readonly KnownIdentifier[]): KnownIdentifier[] => {
  const holders = groupBy(known, ({ key }) => key);
  return learnt.filter(({ key, personId }) =>
    holders.get(key)?.some((one) => one.personId !== personId && one.kind !== 'erased'),
  );
};

/** Everything by which a person may be recognised. */
export const keysOfSighting = ({ customer, phone, whatsapp, email }: Sighting): EntityKey[] =>
  [customer, phone?.key, whatsapp?.key, email?.key].filter((key) => key !== undefined);
