import { Inject, Injectable } from '@nestjs/common';
import { BusinessClock, Database, type Queryable, type Transaction } from '@wapas/database';
import { type EntityKey } from '@wapas/entity-keys';
import { after, hours, type Instant } from '@wapas/kernel';
import { CONFIG, type Config } from '../config/config';
import { lockOfPerson } from './lock-of-person';
import { RecordConsents } from './record-consents';
import { type Purpose, PURPOSES } from './rules/consent';
import { mayContact } from './rules/may-contact';
import { languageFor } from './rules/preference-words';
import { preferenceToken, readPreferenceToken } from './rules/preference-token';
import { type NewConsent } from './store/consent.store';
import { contactStore } from './store/contact.store';
import { mergeStore } from './store/merge.store';
import { peopleOfKeysStore } from './store/people-of-keys.store';
import { personStore } from './store/person.store';
import { suppressionStore } from './store/suppression.store';
import { traitStore } from './store/trait.store';

/** One switch of the page. */
export interface Preference {
  readonly purpose: Purpose;
  readonly channel: string;
  /** Whether messages of this kind go out now, as far as consent is concerned. */
  readonly allowed: boolean;
}

export type PreferencePage =
  | { readonly outcome: 'shown'; readonly preferences: readonly Preference[]; readonly language: string } // 200
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
    if (!(await personStore.person(this.database, personId))) return null;
    const expiresAt = after(this.clock.now(), LIFETIME);
    return { url: `${this.config.publicUrl}/preferences/${preferenceToken(personId, expiresAt, this.config.secret)}`, expiresAt };
  }

  /** `accepted`: languages that the reader's browser asks for, best first. */
  async show(token: string, accepted: readonly string[]): Promise<PreferencePage> {
    const read = readPreferenceToken(token, this.clock.now(), this.config.secret);
    if (read.kind !== 'valid') return { outcome: read.kind };
    const personId = await this.ownerOf(this.database, read.personId);
    const preferences = await this.database.transaction(async (tx) => this.preferencesOf(tx, personId));
    return { outcome: 'shown', preferences, language: await this.languageOf(this.database, personId, accepted) };
  }

  /** `allowed` names the switches that are on, as `purpose.channel`; the others are off. When it resolves it binds every send that follows. */
  async change(token: string, allowed: ReadonlySet<string>, accepted: readonly string[]): Promise<PreferencePage> {
    const read = readPreferenceToken(token, this.clock.now(), this.config.secret);
    if (read.kind !== 'valid') return { outcome: read.kind };
    const { language, preferences } = await this.database.transaction(async (tx) => {
      tx.lockKeys([lockOfPerson(read.personId)]);
      const personId = await this.ownerOf(tx, read.personId);
      tx.lockKeys([lockOfPerson(personId)]);
      const language = await this.languageOf(tx, personId, accepted);
      const now = await tx.businessNow();
      const before = await this.preferencesOf(tx, personId);
      const changed = before.filter((one) => allowed.has(nameOf(one)) !== one.allowed);
      if (changed.some((one) => !one.allowed)) await this.liftOwnStops(tx, personId, now);
      await this.recordConsents.append(
        tx,
        changed.map((one) => entryOf(personId, one, now, language)),
      );
      // Lifting a stop frees every switch; those that stayed off are taken back by name.
      const still = (await this.preferencesOf(tx, personId)).filter((one) => one.allowed && !allowed.has(nameOf(one)));
      await this.recordConsents.append(
        tx,
        still.map((one) => entryOf(personId, one, now, language)),
      );
      return { language, preferences: await this.preferencesOf(tx, personId) };
    });
    return { outcome: 'shown', preferences, language };
  }

  /** A guest's link is as good as before when the guest has turned out to be a customer. */
  private async ownerOf(db: Queryable, personId: string): Promise<string> {
    return (await mergeStore.heirs(db, [personId])).get(personId) ?? personId;
  }

  private async languageOf(db: Queryable, personId: string, accepted: readonly string[]): Promise<string> {
    return languageFor([(await traitStore.ofPerson(db, personId))?.language ?? null, ...accepted]);
  }

  private async preferencesOf(tx: Transaction, personId: string): Promise<Preference[]> {
    const addresses = await personStore.addresses(tx, personId);
    const channels = [...new Set(addresses.flatMap(({ kind }) => CHANNELS_OF_ADDRESS[kind] ?? []))];
    const facts = await contactStore.facts(
      tx,
      addresses.map(({ key }) => ({ personId, addressKey: key })),
    );
    const now = await tx.businessNow();
    return PURPOSES.flatMap((purpose) =>
      channels.map((channel) => ({
        purpose,
        channel,
        allowed: facts.some(
          (one, index) =>
            CHANNELS_OF_ADDRESS[addresses[index]?.kind ?? '']?.includes(channel) &&
            mayContact(one, { channel, purpose }, this.config.contact, now) === null,
        ),
      })),
    );
  }

  /** A stop word forbids a number. Its owner may take that back here, unless somebody else has the number too. */
  private async liftOwnStops(tx: Transaction, personId: string, now: Instant): Promise<void> {
    const keys = (await personStore.keysOfPerson(tx, personId)).filter(({ kind }) => kind === 'phone').map(({ key }) => key);
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
function entryOf(personId: string, { purpose, channel, allowed }: Preference, at: Instant, language: string): NewConsent {
  const state = allowed ? 'withdrawn' : 'granted';
  return { personId, purpose, channel, state, at, source: SOURCE, noticeVersion: NOTICE, noticeLanguage: language };
}
