import { Inject, Injectable } from '@nestjs/common';
import { Database } from '@wapas/database';
import { EntityKeys, type EntityKey } from '@wapas/entity-keys';
import { CONFIG, type Config } from '../config/config';
import { normalisePhone } from '../ingestion/ingestion.api';
import { endingOf } from './phone-ending';
import { type IdentityEntry, identityStore } from './store/identity.store';
import { mergeStore } from './store/merge.store';
import { peopleOfKeysStore } from './store/people-of-keys.store';
import { addressStore } from './store/address.store';
import { personStore } from './store/person.store';
import { traitStore } from './store/trait.store';

const MOST_BY_ENDING = 50;

export interface Person {
  readonly id: string;
  /** They asked to be forgotten. */
  readonly erasedAt: Date | null;
  readonly addresses: Awaited<ReturnType<typeof addressStore.addresses>>;
  readonly traits: NonNullable<Awaited<ReturnType<typeof traitStore.ofPerson>>>;
}

/** Looks people up by what a support desk has in hand. */
@Injectable()
export class FindPeople {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(Database) private readonly database: Database,
    @Inject(EntityKeys) private readonly hasher: EntityKeys,
  ) {}

  byCustomerId(customerId: string): Promise<Person[]> {
    return this.byKey(this.hasher.keyOf('customer', customerId));
  }

  async byPhone(text: string): Promise<Person[]> {
    const phone = normalisePhone(text, this.config);
    return phone.ok ? this.byKey(this.hasher.keyOf('phone', phone.e164)) : [];
  }

  /** Everybody whose phone ends with these four digits, as far as a list makes sense. */
  async byPhoneEnding(digits: string): Promise<Person[]> {
    const ids = await peopleOfKeysStore.byPhoneEnding(this.database, endingOf(this.hasher, digits, false), MOST_BY_ENDING);
    return this.all(ids);
  }

  /** A guest who turned out to be a customer is shown as the customer. */
  async byId(asked: string): Promise<Person | null> {
    const id = await mergeStore.today(this.database, asked);
    const person = await personStore.person(this.database, id);
    const traits = await traitStore.ofPerson(this.database, id);
    if (!person || !traits) return null;
    return { id, erasedAt: person.erasedAt, traits, addresses: await addressStore.addresses(this.database, id) };
  }

  /** Null when there is no such person. */
  async identityOf(id: string): Promise<IdentityEntry[] | null> {
    return (await personStore.isKnown(this.database, id)) ? identityStore.ofPerson(this.database, id) : null;
  }

  private async all(ids: readonly string[]): Promise<Person[]> {
    const people = await Promise.all(ids.map((id) => this.byId(id)));
    return people.filter((person) => person !== null);
  }

  private async byKey(key: EntityKey): Promise<Person[]> {
    const ids = await personStore.peopleByKey(this.database, key);
    return this.all(ids);
  }
}
