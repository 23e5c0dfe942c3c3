import { type EntityKey } from '@wapas/entity-keys';
import { type Instant } from '@wapas/kernel';
import { type SendFacts } from '../../../channels/channels.api';
import { type PastMessage, type TakenMessage } from '../../../channels/past-messages.api';
import { type KeyedEvent } from '../../../ingestion/past-events.api';
import { type KnownPerson } from '../../../profiles/people-of-then.api';
import { factsAbout } from '../../facts-of-event';
import { type EnrolFacts } from '../../rules/enrol';
import { type RunFacts } from '../../rules/run';
import { type VirtualEvent } from '../../rules/virtual-runs';
import { type PastRun } from '../store/past-run.store';

/**
 * Some stored events, in the order in which they came, with all that is asked about them. Values alone, and of what was stored only what
 * a what-if asks for: a page goes from the thread that reads to the one that decides.
 */
export interface PeriodPage {
  readonly events: readonly PeriodEvent[];
  /** Whom the triggers among them are about, each once: one and the same may be on a page many times, with all that others sent them. */
  readonly people: readonly ReadPerson[];
  /** How many events of the period have come since the last page that said so, whether or not they are lived. */
  readonly came: number;
  /** Everything that came before this moment has been read. */
  readonly readTo: Instant;
}

export interface PeriodEvent extends VirtualEvent {
  readonly keys: KeyedEvent['keys'];
  readonly receivedAt: Instant;
  /** It cannot be opened, since it is damaged or its key is gone: nobody knows what it said, nor whom it is about. */
  readonly isUnreadable?: true;
  /** Null: it triggers nothing. */
  readonly trigger: PeriodTrigger | null;
}

export interface PeriodTrigger {
  /** Erased, or past its retention: nobody knows what it said. */
  readonly isContentGone: boolean;
  /** What its run would be about; absent: it carries no key that says so. */
  readonly matter?: EntityKey;
  /** What had been left under its keys before it came, and what of that speaks against a run. */
  readonly marks: SendFacts['marks'];
  readonly endings: EnrolFacts['endings'];
  /** The event that had said before it came that it did fail; absent: none had. */
  readonly confirmedBy?: string;
  /** E.164; absent: it has none. */
  readonly phone?: string;
  /** Among the people of its page; null: it names nobody who is known, or it came after the period. */
  readonly personId: string | null;
  /** What really became of it; null: nothing, or it came after the period. */
  readonly real: RealRun | null;
}

/** Somebody of the period, as they were read. */
export interface ReadPerson {
  readonly known: KnownPerson;
  /** Runs of this journey that had begun before the period. */
  readonly earlier: readonly PastRun[];
  /** Messages that count against their caps, whatever the what-if says. */
  readonly others: readonly TakenMessage[];
}

/** What really became of a trigger: its run, and the messages of that. */
export interface RealRun extends Pick<PastRun, 'id' | 'personId' | 'unit' | 'arm' | 'version'> {
  readonly messages: readonly PastMessage[];
}

/** What a run takes in of a trigger: what its event said, which travels once, and what is known of its person. */
export const factsTakenIn = (said: RunFacts, known: KnownPerson | undefined): RunFacts =>
  known === undefined ? said : factsAbout(said, { ...known, addresses: known.addresses.map(({ kind }) => kind) });
