import { Inject, Injectable } from '@nestjs/common';
import { BusinessClock, Database, type Queryable, type Transaction } from '@wapas/database';
import { type EntityKey } from '@wapas/entity-keys';
import { after, hours, type Instant } from '@wapas/kernel';
import { CONFIG, type Config } from '../config/config';
import { lockOfPerson } from './lock-of-person';
import { RecordConsents } from './record-consents';
import { hasStoppedAll, type Purpose, PURPOSES } from './rules/consent';
import { type ContactRefusal, mayContact } from './rules/may-contact';
import { languageFor } from './rules/preference-words';
import { preferenceToken, readPreferenceToken } from './rules/preference-token';
import { type NewConsent } from './store/consent.store';
import { contactStore } from './store/contact.store';
import { mergeStore } from './store/merge.store';
import { peopleOfKeysStore } from './store/people-of-keys.store';
import { addressStore } from './store/address.store';
import { personStore } from './store/person.store';
import { suppressionStore } from './store/suppression.store';
import { traitStore } from './store/trait.store';

/** One switch of the page. */
export interface Preference {
  readonly purpose: Purpose;
  readonly channel: string;
  /** Whether messages of this kind go out now, as far as consent is concerned. */
  readonly allowed: boolean;
  /** Why they do not. */
  readonly refusal: ContactRefusal | null;
}

/** What the customer chose on a page that may have been opened long ago. Names are `purpose.channel`. */
export interface PreferenceSwitches {
  /** The switches that are on. */
  readonly on: ReadonlySet<string>;
  /** The switches that the page had, and whether each was on: what is none of these, or was left as it was, stays as it is now. Null: not known. */
  readonly shown: ReadonlyMap<string, boolean> | null;
}
export type PreferenceChoice = 'stop_all' | PreferenceSwitches;

/** Whose page is being changed. */
interface OpenPage {
  readonly personId: string;
  readonly now: Instant;
  readonly language: string;
}

export type PreferencePage =
  | { readonly outcome: 'shown'; readonly preferences: readonly Preference[]; readonly language: string } // 200
  | {
      readonly outcome: 'saved';
      readonly preferences: readonly Preference[];
      readonly language: string;
      /** Switches that stand otherwise than the customer chose: a stop still holds, or somebody changed them meanwhile. */
      readonly otherwise: readonly Preference[];
    } // 200
  | { readonly outcome: 'expired' } // 410
  | { readonly outcome: 'unknown' }; // 404

const LIFETIME = hours(24 * 30);
/** Version of the words on the page, as the ledger remembers them. */
const NOTICE = 'preferences-1';
const SOURCE = 'preference_page';
const CHANNELS_OF_ADDRESS: Readonly<Record<string, readonly string[]>> = {
  push_token: ['push'],
  phone: ['whatsapp', 'sms'],
  whatsapp_id: ['whatsapp'],
  email: ['email'],
};

/** The page behind a signed link, where a customer sees and changes what they get: for each purpose and channel. */
@Injectable()
export class KeepPreferences {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(Database) private readonly database: Database,
    @Inject(BusinessClock) private readonly clock: BusinessClock,
    @Inject(RecordConsents) private readonly recordConsents: RecordConsents,
  ) {}

  /** Null when there is no such person. */
  async linkFor(personId: string): Promise<{ url: string; expiresAt: Instant } | null> {
    if (!(await personStore.isKnown(this.database, personId))) return null;
    const expiresAt = after(this.clock.now(), LIFETIME);
    return { url: `${this.config.publicUrl}/preferences/${preferenceToken(personId, expiresAt, this.config.secret)}`, expiresAt };
  }

  /** `accepted`: languages that the reader's browser asks for, best first. */
  async show(token: string, accepted: readonly string[]): Promise<PreferencePage> {
    const read = readPreferenceToken(token, this.clock.now(), this.config.secret);
    if (read.kind !== 'valid') return { outcome: read.kind };
    const personId = await mergeStore.today(this.database, read.personId);
    const preferences = await this.database.transaction(async (tx) => this.preferencesOf(tx, personId));
    return { outcome: 'shown', preferences, language: await this.languageOf(this.database, personId, accepted) };
  }

  /** When it resolves it binds every send that follows. */
  async change(token: string, choice: PreferenceChoice, accepted: readonly string[]): Promise<PreferencePage> {
    const read = readPreferenceToken(token, this.clock.now(), this.config.secret);
    if (read.kind !== 'valid') return { outcome: read.kind };
    return this.database.transaction(async (tx) => {
      tx.lockKeys([lockOfPerson(read.personId)]);
      // A guest's link is as good as before when the guest has turned out to be a customer.
      const personId = await mergeStore.today(tx, read.personId);
      tx.lockKeys([lockOfPerson(personId)]);
      const page = { personId, now: await tx.businessNow(), language: await this.languageOf(tx, personId, accepted) };
      const chosen = await (choice === 'stop_all' ? this.stopAll(tx, page) : this.turn(tx, page, choice));
      const preferences = await this.preferencesOf(tx, personId);
      const otherwise = preferences.filter((one) => (chosen.get(nameOf(one)) ?? one.allowed) !== one.allowed);
      return { outcome: 'saved', preferences, language: page.language, otherwise };
    });
  }

  /** Once for everything: it holds for channels that come later too. Gives what the customer chose, by name. */
  private async stopAll(tx: Transaction, page: OpenPage): Promise<ReadonlyMap<string, boolean>> {
    const [facts] = await contactStore.facts(tx, [{ personId: page.personId, addressKey: null }]);
    const switches = await this.preferencesOf(tx, page.personId);
    if (!facts || !hasStoppedAll(facts.consents) || switches.some(({ allowed }) => allowed))
      await this.recordConsents.append(tx, [entryOf(page, { purpose: 'all', channel: 'all', allowed: true })]);
    return new Map(switches.map((one) => [nameOf(one), false]));
  }

  /** Gives what the customer chose, by name. */
  private async turn(tx: Transaction, page: OpenPage, { on, shown }: PreferenceSwitches): Promise<ReadonlyMap<string, boolean>> {
    const before = await this.preferencesOf(tx, page.personId);
    const changed = before.filter((one) => {
      const wanted = on.has(nameOf(one));
      const wasOn = shown === null ? one.allowed : shown.get(nameOf(one));
      return wasOn !== undefined && wanted !== wasOn && wanted !== one.allowed;
    });
    if (changed.some((one) => !one.allowed)) await this.liftOwnStops(tx, page.personId, page.now);
    await this.recordConsents.append(
      tx,
      changed.map((one) => entryOf(page, one)),
    );
    // Lifting a stop frees every switch, and a yes to offers on a channel is one to service messages there: what that turned along with
    // it is turned back by name.
    const touched = new Set(changed.map(nameOf));
    const wasOn = new Set(before.filter(({ allowed }) => allowed).map(nameOf));
    const dragged = (await this.preferencesOf(tx, page.personId)).filter(
      (one) => !touched.has(nameOf(one)) && one.allowed !== wasOn.has(nameOf(one)),
    );
    await this.recordConsents.append(
      tx,
      dragged.map((one) => entryOf(page, one)),
    );
    return new Map((shown === null ? before.map(nameOf) : [...shown.keys()]).map((name) => [name, on.has(name)]));
  }

  private async languageOf(db: Queryable, personId: string, accepted: readonly string[]): Promise<string> {
    return languageFor([(await traitStore.ofPerson(db, personId))?.language ?? null, ...accepted]);
  }

  private async preferencesOf(tx: Transaction, personId: string): Promise<Preference[]> {
    const addresses = await addressStore.addresses(tx, personId);
    const channels = [...new Set(addresses.flatMap(({ kind }) => CHANNELS_OF_ADDRESS[kind] ?? []))];
    const facts = await contactStore.facts(
      tx,
      addresses.map(({ key }) => ({ personId, addressKey: key })),
    );
    const now = await tx.businessNow();
    return PURPOSES.flatMap((purpose) =>
      channels.map((channel) => {
        const refusals = facts
          .filter((_one, index) => CHANNELS_OF_ADDRESS[addresses[index]?.kind ?? '']?.includes(channel))
          .map((one) => mayContact(one, { channel, purpose }, this.config.contact, now));
        const refusal = refusals.includes(null) ? null : (refusals[0] ?? null);
        return { purpose, channel, allowed: refusal === null, refusal };
      }),
    );
  }

  /** A stop word forbids a number, or WhatsApp's own name for somebody. Its owner may take that back here, unless somebody else has it too. */
  private async liftOwnStops(tx: Transaction, personId: string, now: Instant): Promise<void> {
    const keys = (await personStore.keysOfPerson(tx, personId))
      .filter(({ kind }) => kind === 'phone' || kind === 'whatsapp_id')
      .map(({ key }) => key);
    const owners = await peopleOfKeysStore.byIdentifiers(tx, keys);
    const own: EntityKey[] = keys.filter((key) => (owners.get(key) ?? []).every((id) => id === personId));
    for (const scope of [
      { channel: null, purpose: null },
      { channel: 'whatsapp', purpose: 'marketing' as const },
      { channel: 'sms', purpose: 'marketing' as const },
    ])
      await suppressionStore.liftOf(tx, own, { reason: 'stop_word', ...scope }, now);
  }
}

export const nameOf = ({ purpose, channel }: Pick<Preference, 'purpose' | 'channel'>): string => `${purpose}.${channel}`;

/** The other side of what holds now. */
function entryOf(
  { personId, now, language }: OpenPage,
  { purpose, channel, allowed }: Pick<NewConsent, 'purpose' | 'channel'> & Pick<Preference, 'allowed'>,
): NewConsent {
  const state = allowed ? 'withdrawn' : 'granted';
  return { personId, purpose, channel, state, at: now, source: SOURCE, noticeVersion: NOTICE, noticeLanguage: language };
}
