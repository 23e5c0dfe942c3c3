import { type Type } from '@nestjs/common';
import { type BusHandler } from '@wapas/events';
import {
  ProjectAttempts,
  ProjectEnds,
  ProjectEntries,
  ProjectMoves,
  ProjectReceipts,
  ProjectReversals,
  ProjectTouches,
} from './analytics/project-outcomes';
import { type BusEvents } from './bus-events';
import { EraseMessages } from './channels/erase-messages';
import { CancelMessages, HearClicks } from './channels/hear-others';
import { MoveMessages } from './channels/move-messages';
import { HearNames } from './channels/hear-names';
import { HearNumberChanges } from './channels/hear-number-changes';
import { HearStops } from './channels/hear-stops';
import { OfferMessages } from './channels/offer-messages';
import { TestSends } from './channels/test-sends';
import { EraseEvents } from './ingestion/erase-events';
import { EraseRuns } from './journeys/erase-runs';
import { HearReceipts, HearSettled } from './journeys/hear-from-channels';
import { MoveRuns } from './journeys/move-runs';
import { ReactToEvents } from './journeys/react-to-events';
import { EraseLinks } from './links/erase-links';
import { WatchEvents } from './ingestion/watch-events';
import { AttributeEvents } from './profiles/attribute-events';
import { MergePeople } from './profiles/merge-people';
import { KeepStatedConsents } from './profiles/keep-stated-consents';
import { EraseDeliveries } from './webhooks/erase-deliveries';
import { TellOfAnswers, TellOfMessages, TellOfOptOuts, TellOfReversals, TellOfRuns } from './webhooks/tell-of-facts';

/** Handlers of one bus event. A handler of another event's items does not compile here. */
type Handlers<Item> = readonly Type<BusHandler<Item>>[];

/**
 * Who reacts to what, top to bottom: one event's way through Wapas. Nothing subscribes anywhere else. A bus event without
 * a line does not compile; a handler that is in no module is refused at start.
 */
export const eventFlow: { readonly [Name in keyof BusEvents]: Handlers<BusEvents[Name]> } = {
  // A source's event and its marks have been committed. Whom does it concern? Is it activity that silence may follow?
  'event.recorded': [AttributeEvents, WatchEvents],
  // It is known whom it concerns: runs end at their goal, triggers enrol or are refused with a reason.
  'event.attributed': [ReactToEvents],
  // The event said what its person agrees to: the ledger takes it in, and the next claim asks it.
  'consent.stated': [KeepStatedConsents],
  // A customer showed an identifier of a guest: are they one?
  'guest.met': [MergePeople],
  // They are: the guest's runs become the customer's.
  'people.merged': [MoveRuns],
  // So do the messages of those runs, and then the addresses; the report counts whoever entered as both once.
  'runs.moved': [MoveMessages, ProjectMoves],
  // A person has entered a journey; from here on the scheduler looks at the run whenever it is due.
  'run.started': [ProjectEntries],
  // The scheduler decided to send: the message is planned, and a worker of its provider is woken.
  'message.requested': [OfferMessages],
  // The call has ended, or there was none: the run may fall forward to the next channel; the report counts; the team is told.
  'message.settled': [HearSettled, ProjectTouches, TellOfMessages],
  // A customer followed a short link: that is a receipt, whatever the vendor says.
  'link.clicked': [HearClicks],
  // A person wrote back: a stop word forbids messages to their number; the team gets the words.
  'answer.heard': [HearStops, TellOfAnswers],
  // A person took their WhatsApp account to another number: messages of that channel go there, and what forbade them comes along.
  'number.changed': [HearNumberChanges],
  // WhatsApp calls whoever is at a number by a name of its own: a stop that is said under it alone is theirs.
  'vendor.named': [HearNames],
  // A person said stop, in whichever way: claims see it already, the team is told.
  'person.opted_out': [TellOfOptOuts],
  // Something new was heard of a message: later steps may be left out; the report counts.
  'receipt.recorded': [HearReceipts, ProjectReceipts],
  // A provider took a message and could not hand it over, and another attempt follows: the report counts what each of them bills.
  'message.attempts_changed': [ProjectAttempts],
  // Goal, exit or the end of the window: what was still planned is cancelled; the recovery is recorded; the team is told.
  'run.ended': [CancelMessages, ProjectEnds, TellOfRuns],
  // Money of a recovery went back within a week, or its order was cancelled: the report takes it back; the team is told.
  'recovery.reversed': [ProjectReversals, TellOfReversals],
  // A person asked to be forgotten: contents of their events and their words go, their runs end, tests said to them are blanked.
  'person.erased': [EraseEvents, EraseRuns, EraseDeliveries, TestSends],
  // Their runs are over: what was planned is cancelled, texts go.
  'runs.erased': [EraseMessages],
  // Their messages are blank: links in them lead nowhere any more.
  'messages.erased': [EraseLinks],
};
