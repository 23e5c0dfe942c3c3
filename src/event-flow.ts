import { type Type } from '@nestjs/common';
import { type BusHandler } from '@wapas/events';
import { ProjectEnds, ProjectEntries, ProjectReceipts, ProjectTouches } from './analytics/project-outcomes';
import { type BusEvents } from './bus-events';
import { CancelMessages, HearClicks } from './channels/hear-others';
import { OfferMessages } from './channels/offer-messages';
import { HearReceipts, HearSettled } from './journeys/hear-from-channels';
import { ReactToEvents } from './journeys/react-to-events';
import { AttributeEvents } from './profiles/attribute-events';

/** Handlers of one bus event. A handler of another event's items does not compile here. */
type Handlers<Item> = readonly Type<BusHandler<Item>>[];

/**
 * Who reacts to what, top to bottom: one event's way through Wapas. Nothing subscribes anywhere else. A bus event without
 * a line does not compile; a handler that is in no module is refused at start.
 */
export const eventFlow: { readonly [Name in keyof BusEvents]: Handlers<BusEvents[Name]> } = {
  // A source's event and its marks have been committed. Whom does it concern?
  'event.recorded': [AttributeEvents],
  // It is known whom it concerns: runs end at their goal, triggers enrol or are refused with a reason.
  'event.attributed': [ReactToEvents],
  // A person has entered a journey; from here on the scheduler looks at the run whenever it is due.
  'run.started': [ProjectEntries],
  // The scheduler decided to send: the message is planned, and a worker of its provider is woken.
  'message.requested': [OfferMessages],
  // The call has ended, or there was none: the run may fall forward to the next channel; the report counts.
  'message.settled': [HearSettled, ProjectTouches],
  // A customer followed a short link: that is a receipt, whatever the vendor says.
  'link.clicked': [HearClicks],
  // Something new was heard of a message: later steps may be left out; the report counts.
  'receipt.recorded': [HearReceipts, ProjectReceipts],
  // Goal, exit or the end of the window: what was still planned is cancelled; the recovery is recorded.
  'run.ended': [CancelMessages, ProjectEnds],
};
