import { Inject, Injectable } from '@nestjs/common';
import { BusinessClock, Database, type Transaction } from '@wapas/database';
import { type EntityKey } from '@wapas/entity-keys';
import { Bus } from '@wapas/events';
import { between, groupBy, type Instant } from '@wapas/kernel';
import { type BusEvents } from '../bus-events';
import { CONFIG, type Config } from '../config/config';
import { eventReader, type Mark, marksAbout } from '../ingestion/ingestion.api';
import { Log } from '../log';
import { lockOfPerson, mayContact, people, type Reachable } from '../profiles/profiles.api';
import { ChooseProvider } from './choose-provider';
import { KeepPauses } from './keep-pauses';
import { LintTemplates } from './lint-templates';
import { type RegisteredProvider } from './provider-registry';
import { RailsDown } from './rails-down';
import { countHad, type TakenMessage } from './rules/caps';
import { pursesOf, ReserveSpend } from './reserve-spend';
import { judge, type RecordedClaim, recordOf } from './rules/claim';
import { countryOf, isAllowedCountry } from './rules/country';
import { type MaySend } from './rules/may-send';
import { PAUSED } from './rules/pauses';
import { waitsFor } from './rules/rails';
import { type MessagePrice, paidFrom, type Purse } from './rules/spend';
import { publishSettled } from './settled';
import { type Candidate, type Claimable, type LockedMessage, messageStore } from './store/message.store';
import { statusCheckStore } from './store/status-check.store';
import { waitingStore } from './store/waiting.store';
import { wordingStore } from './store/wording.store';

interface Device {
  readonly personId: string;
  readonly value: string;
  readonly key: EntityKey;
}

/** Old tokens pile up; the ones seen last are the ones that are held in a hand. */
const MOST_DEVICES = 5;
const SHORTEST_HOLD_MS = 250;

type Taken = TakenMessage & { readonly messageId: string };

/** What was read under the locks. */
interface Read {
  /** Null: there is one, and it cannot be opened. */
  readonly addresses: ReadonlyMap<string, Reachable | null>;
  readonly marks: ReadonlyMap<string, readonly Mark[]>;
  /** By person. Grows with what is decided: the next message of the same person counts it. */
  readonly taken: Map<string, Taken[]>;
  /** What is left of today's money, if there is a cap on it. */
  readonly purses: readonly Purse[];
  readonly now: Instant;
}

type OpenedMessage = Omit<Claimable, 'guard'>;

interface Decided {
  readonly message: Claimable;
  readonly address: Reachable | undefined;
  readonly verdict: MaySend;
  /** It goes to another provider of the channel instead of being given up. */
  readonly moveTo: string | null;
  readonly price: MessagePrice | null;
  /** Of the number it goes to; null: it goes to no number. */
  readonly country: string | null;
  readonly purses: readonly Purse[];
  readonly record: RecordedClaim;
}

/** A message whose call may start now. */
export interface ClaimedMessage {
  readonly message: Claimable;
  readonly address: Reachable;
  /** Further devices of the same person: a push goes to each. */
  readonly further: readonly Device[];
  /** The fence under which this call is made. */
  readonly fence: number;
  readonly now: Instant;
}

/**
 * Claims messages right before their calls. Goal ingest takes the same key locks, so a goal that has its 2xx is seen here
 * and one that comes later finds the call already open (P5); so do withdrawals and stops, with the person's lock. Candidates
 * are read without locks, the locks are a
 * statement of their own, and only what is read after them counts (D7).
 */
@Injectable()
export class ClaimMessages {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(Database) private readonly database: Database,
    @Inject(Bus) private readonly bus: Bus<BusEvents>,
    @Inject(KeepPauses) private readonly keepPauses: KeepPauses,
    @Inject(LintTemplates) private readonly lintTemplates: LintTemplates,
    @Inject(BusinessClock) private readonly clock: BusinessClock,
    @Inject(ChooseProvider) private readonly chooseProvider: ChooseProvider,
    @Inject(ReserveSpend) private readonly reserveSpend: ReserveSpend,
    @Inject(RailsDown) private readonly railsDown: RailsDown,
    @Inject(Log) private readonly log: Log,
  ) {}

  async claim(
    provider: Pick<RegisteredProvider, 'name' | 'channel' | 'addressKind'>,
    ids: readonly string[],
  ): Promise<ClaimedMessage[]> {
    return this.database.transaction(async (tx) => {
      const candidates = await messageStore.candidates(tx, ids);
      if (candidates.length === 0) return [];
      tx.lockKeys(candidates.flatMap(({ guard, personId }) => [...guard.keys.map(({ key }) => key), lockOfPerson(personId)]));
      // All of these travel behind the locks in one go and run once they are held; each sees what is committed by then.
      const personIds = candidates.map(({ personId }) => personId);
      const [locked, now, addresses, marks, taken, spent] = await Promise.all([
        messageStore.lockForClaim(
          tx,
          candidates.map(({ id }) => id),
          provider.name,
        ),
        tx.businessNow(),
        people.reachable(tx, personIds, provider.addressKind, provider.channel),
        this.marksOf(tx, candidates),
        messageStore.taken(tx, personIds),
        this.reserveSpend.today(tx, provider.channel),
      ]);
      const messages = this.addressedOf(claimableOf(this.openedOf(locked), candidates), addresses);
      const decided = this.decide(provider, messages, {
        addresses,
        marks,
        taken: groupBy(taken, ({ personId }) => personId),
        purses: pursesOf(spent),
        now,
      });
      const claimed = decided.flatMap(({ message, verdict, address }): ClaimedMessage[] =>
        verdict.maySend && address ? [{ message, address, further: [], fence: message.fence + 1, now }] : [],
      );
      const variants = new Map(messages.map(({ id, variant }) => [id, variant]));
      const [devices] = await Promise.all([
        this.devicesOf(tx, provider, claimed),
        wordingStore.turnTo(
          tx,
          claimed.flatMap(({ message: { id, variant, content } }) =>
            variants.get(id) === variant ? [] : [{ id, variant, content }],
          ),
        ),
        messageStore.startCalls(
          tx,
          decided.flatMap(({ message, verdict, address, record, price, country }) =>
            verdict.maySend && address ? [{ id: message.id, addressKey: address.key, record, price, country }] : [],
          ),
          now,
          this.reserveSpend.paid(spent, decided),
        ),
      ]);
      const given = decided.flatMap(({ message, verdict, moveTo, record }) =>
        verdict.maySend || verdict.state === 'held' || moveTo !== null
          ? []
          : [{ id: message.id, state: verdict.state, reason: verdict.reason, record }],
      );
      await waitingStore.move(
        tx,
        decided.flatMap(({ message: { id }, moveTo }) => (moveTo === null ? [] : [{ id, to: moveTo }])),
      );
      await this.holdBack(tx, decided, now);
      this.reserveSpend.noteHeldBack(
        tx,
        spent,
        decided.map(({ verdict }) => verdict),
      );
      await publishSettled(this.bus, tx, await messageStore.giveUp(tx, given), now);
      return claimed.map((one) => ({ ...one, further: this.furtherOf(one, devices.get(one.message.personId) ?? []) }));
    });
  }

  /** A push goes to every device of a person; on other channels one address is enough. */
  private async devicesOf(
    tx: Transaction,
    { addressKind, channel }: Pick<RegisteredProvider, 'channel' | 'addressKind'>,
    claimed: readonly ClaimedMessage[],
  ): Promise<Map<string, Device[]>> {
    if (addressKind !== 'push_token' || claimed.length === 0) return new Map();
    const personIds = claimed.map(({ message }) => message.personId);
    const known = claimed.map(({ address }) => address.key);
    return groupBy(await people.liveTokens(tx, personIds, channel, known), (device) => device.personId);
  }

  private furtherOf({ message, address }: ClaimedMessage, devices: readonly Device[]): Device[] {
    return devices
      .filter(({ key, value }) => key !== address.key && (!message.test || this.isForTests(value)))
      .slice(0, MOST_DEVICES - 1);
  }

  private decide(
    { name: provider, addressKind: kind }: Pick<RegisteredProvider, 'name' | 'addressKind'>,
    messages: readonly Claimable[],
    { addresses, marks, taken, purses: all, now }: Read,
  ): Decided[] {
    let purses = all;
    return messages.map((given): Decided => {
      const { message, paused } = this.wordingOf(provider, given);
      const address = addresses.get(message.personId) ?? undefined;
      const country = address !== undefined && kind === 'phone' ? countryOf(address.value) : null;
      const sendable = { channel: message.channel, content: message.content, purpose: message.guard.purpose ?? 'service' };
      const facts = {
        now,
        notAfter: message.notAfter,
        guard: message.guard,
        marks: message.guard.keys.flatMap(({ key }) => marks.get(key) ?? []),
        calledOff: message.calledOff,
        refusal: address === undefined ? null : this.refusalOf(message, address, now),
        down: this.railsDown.reasonFor(message.guard.rails),
        paused,
        hasAddress: address !== undefined,
        countryIsAllowed: address === undefined || kind !== 'phone' || isAllowedCountry(country, this.config.allowedCountries),
        test: message.test,
        addressIsForTests: address !== undefined && this.isForTests(address.value),
      };
      const { personId, runId, caps } = message;
      const ofPerson = taken.get(personId) ?? [];
      // Its own earlier call has the place already that this one is to take.
      const others = ofPerson.filter(({ messageId }) => messageId !== message.id);
      const had = countHad(message, others, now);
      const spend = { ...this.reserveSpend.chargeOf(provider, message, country, now), purses };
      const verdict = judge(facts, message, had, this.config.caps, spend);
      const record = recordOf(facts, had, this.config.caps, spend, verdict);
      if (verdict.maySend) {
        taken.set(personId, [
          ...ofPerson,
          { messageId: message.id, personId, runId, marketing: caps?.marketing ?? false, calledAt: now },
        ]);
        purses = paidFrom(purses, spend.price);
      }
      // All that is wrong is the provider, or its template: another one of the channel may have it.
      if (!verdict.maySend && PAUSED.includes(verdict.reason) && !message.maybeSent) {
        const moveTo = this.chooseProvider.instead(provider, sendable, message.tried ?? []);
        if (moveTo !== null) return { message: given, address, verdict, moveTo, record, country, ...spend };
      }
      return { message, address, verdict, moveTo: null, record, country, ...spend };
    });
  }

  /**
   * The message in the wording that may go out: its own, or the first of its author's others while the template of its own is out of
   * use. `paused`: why none of them may.
   */
  private wordingOf(provider: string, message: Claimable): { message: Claimable; paused: string | null } {
    const paused = this.pausedFor(provider, message);
    if (paused === null || paused === 'provider_paused' || message.maybeSent) return { message, paused };
    const worded = message.others.map((content, position) => ({
      ...message,
      content,
      others: message.others.slice(position + 1),
      variant: message.variant + 1 + position,
    }));
    const fit = worded.find((one) => this.pausedFor(provider, one) === null);
    return fit === undefined ? { message, paused } : { message: fit, paused: null };
  }

  private pausedFor(provider: string, message: Claimable): string | null {
    const { content, guard } = message;
    return (
      this.keepPauses.refusalOf(provider, { content, purpose: guard.purpose ?? 'service' }) ??
      this.lintTemplates.refusalAtClaim(provider, message)
    );
  }

  /**
   * Nothing is claimed outside the law's hours; it is offered again when they open, as far as business time runs. Nor while what it
   * is about cannot be paid; it is offered again when that is over.
   */
  private async holdBack(tx: Transaction, decided: readonly Decided[], now: Instant): Promise<void> {
    const held = decided.flatMap(({ message, verdict, record }) =>
      !verdict.maySend && verdict.state === 'held' ? [{ id: message.id, message, verdict, record }] : [],
    );
    const timed = held.flatMap(({ id, verdict: { until } }) =>
      until === null ? [] : [{ id, waitMs: Math.max(SHORTEST_HOLD_MS, between(now, until) / (this.clock.rate || Infinity)) }],
    );
    await statusCheckStore.holdBack(tx, timed);
    await waitingStore.hold(
      tx,
      held.flatMap(({ id, message, verdict: { until, reason }, record }) =>
        until === null ? [{ id, reason, rails: waitsFor(message.guard.rails ?? []), record }] : [],
      ),
    );
  }

  /** What cannot be opened stays planned: with its key back it goes out, without it expires with its step. */
  private openedOf(locked: readonly LockedMessage[]): OpenedMessage[] {
    const opened = locked.filter((message): message is OpenedMessage => message.content !== null);
    if (opened.length < locked.length)
      this.log.warn('messages not openable: is a key of WAPAS_ENCRYPTION_KEYS missing?', {
        messages: locked.length - opened.length,
      });
    return opened;
  }

  /** So does one whose address cannot be opened: a message that is given up does not come back with the key. */
  private addressedOf(messages: readonly Claimable[], addresses: Read['addresses']): Claimable[] {
    const addressed = messages.filter(({ personId }) => addresses.get(personId) !== null);
    if (addressed.length < messages.length)
      this.log.warn('addresses not openable: is a key of WAPAS_ENCRYPTION_KEYS missing?', {
        messages: messages.length - addressed.length,
      });
    return addressed;
  }

  private refusalOf({ channel, guard }: Claimable, { contact }: Reachable, now: Instant): string | null {
    return mayContact(contact, { channel, purpose: guard.purpose ?? 'service' }, this.config.contact, now);
  }

  private async marksOf(tx: Transaction, messages: readonly Candidate[]): Promise<Map<string, Mark[]>> {
    const asked = messages.flatMap(({ guard }) => marksAbout(guard));
    const names = [...new Set(messages.flatMap(({ guard }) => Object.keys(guard.stops)))];
    return groupBy(await eventReader.marks(tx, asked, names), (mark) => mark.key as string);
  }

  private isForTests(address: string): boolean {
    return this.config.mode === 'sandbox' || this.config.testAddresses.includes(address);
  }
}

/**
 * The guard never changes and is not read twice. One whose person changed since (a guest turned out to be a customer) was
 * locked as somebody else's: it is offered again.
 */
function claimableOf(locked: readonly OpenedMessage[], candidates: readonly Candidate[]): Claimable[] {
  const byId = new Map(candidates.map((one) => [one.id, one]));
  return locked.flatMap((message) => {
    const candidate = byId.get(message.id);
    return candidate?.personId === message.personId ? { ...message, guard: candidate.guard } : [];
  });
}
