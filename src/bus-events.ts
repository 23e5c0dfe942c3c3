import {
  type ConsentStated,
  type EventAttributed,
  type GuestMet,
  type PeopleMerged,
  type PersonErased,
  type PersonOptedOut,
} from './profiles/profiles.events';
import { type EventRecorded } from './ingestion/ingestion.events';
import { type LinkClicked } from './links/links.events';
import {
  type AnswerHeard,
  type AttemptsChanged,
  type MessagesErased,
  type MessageRequested,
  type MessageSettled,
  type NumberChanged,
  type VendorNamed,
  type ReceiptRecorded,
} from './channels/channels.events';
import {
  type RecoveryReversed,
  type RunEnded,
  type RunsErased,
  type RunsMoved,
  type RunStarted,
} from './journeys/journeys.events';

/** Every bus event and the shape of one item. Items carry ids and facts that survive JSON; a name says what is already true. */
export interface BusEvents {
  'event.recorded': EventRecorded;
  'event.attributed': EventAttributed;
  'run.started': RunStarted;
  'run.ended': RunEnded;
  'message.requested': MessageRequested;
  'message.settled': MessageSettled;
  'receipt.recorded': ReceiptRecorded;
  'message.attempts_changed': AttemptsChanged;
  'link.clicked': LinkClicked;
  'consent.stated': ConsentStated;
  'guest.met': GuestMet;
  'people.merged': PeopleMerged;
  'runs.moved': RunsMoved;
  'person.erased': PersonErased;
  'runs.erased': RunsErased;
  'messages.erased': MessagesErased;
  'answer.heard': AnswerHeard;
  'number.changed': NumberChanged;
  'vendor.named': VendorNamed;
  'person.opted_out': PersonOptedOut;
  'recovery.reversed': RecoveryReversed;
}
