import { type Mistake } from './note-mistakes';

export { type AnswerWords, openWords } from './answer-words';
export { RailsDown } from './rails-down';
export { type MessageRequest, RequestMessages } from './request-messages';
export { ProvidersInTrouble } from './providers-in-trouble';
export { ReportSpend } from './report-spend';
export { StopSending } from './stop-sending';
export { brokenCap, CAP_REASONS, type CapLimits, countHad, type TakenMessage } from './rules/caps';
export { type ClaimDifference, judge as judgeClaim, type RecordedMessage, replayClaims } from './rules/claim';
export { type MaySend, type SendFacts } from './rules/may-send';
export { ForeseeMessages, type ForeseenMessage } from './foresee-messages';
export { type CopyChange, registeredNamesOf } from './rules/copies';
export { copyChangeStore } from './store/copy-change.store';
export { claimReader } from './store/claim.store';
export { Templates } from './templates';
export { type EarlierAttempt, messageFacts } from './store/message-facts.store';
export { messageReader, type MessageStory } from './store/message-story.store';
export { type StepAsk } from './rules/lint/linted';
export { LintTemplates } from './lint-templates';
export { type Guard } from './rules/guard';
export { type LegalWindow } from './rules/legal-window';
export { type TemplateFacts } from './rules/render';
export type * from './channels.events';

/** Which channels have a provider. */
export abstract class ServedChannels {
  abstract isServed(channel: string): boolean;
}

/** What the send path of this process has done and has to do. */
export abstract class SendFigures {
  /** Calls that ended since the process started. `outcome`: `accepted`, or the class of the failure. */
  abstract calls(): { readonly provider: string; readonly outcome: string; readonly count: number }[];
  /** What vendors held against messages within the last hour, by their codes; of this process. */
  abstract mistakes(): readonly Mistake[];
  /** Calls per second that are let through to each provider at present, in all containers. */
  abstract pace(): Promise<{ readonly provider: string; readonly perSecond: number }[]>;
  /** Messages that wait to be claimed, by provider, counted to 100,000 in all containers. */
  abstract waiting(): Promise<{ readonly provider: string; readonly count: number }[]>;
  /** Jobs that wait on the lane of each provider; empty while the queue is out of reach. */
  abstract jobs(): Promise<{ readonly provider: string; readonly count: number }[]>;
}
