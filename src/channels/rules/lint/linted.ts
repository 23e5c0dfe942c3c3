import { type KeyKind } from '@wapas/entity-keys';
import { type Instant } from '@wapas/kernel';
import { type VendorTemplate } from '@wapas/provider-kit';
import { type DltTemplate } from '../dlt-template';
import { type LegalWindow } from '../legal-window';
import { type ListedAddress } from './addresses';

export type Purpose = 'service' | 'marketing';
type Template = Readonly<Record<string, unknown>>;

/** What a step asks of its template. */
export interface StepAsk {
  readonly purpose: Purpose;
  /** A notice that goes out whatever caps and holdout say. */
  readonly mandatory: boolean;
  /** What the journey's matter is named by. */
  readonly matter: readonly KeyKind[];
  /** Until the next step's own time, or until the window is over where there is none: milliseconds. */
  readonly toNextStepMs: number;
  /** Until the journey's window is over: so long the message is still true. Milliseconds. */
  readonly lifeMs: number;
  /** The hours that the law allows it. */
  readonly legalHours: readonly LegalWindow[];
}

/** What the deployment knows and demands. */
export interface LintPolicy {
  /** How our own short links begin, up to the token, and how long they are altogether. */
  readonly link: { readonly prefix: string; readonly header: string; readonly length: number };
  /** What is white-listed with the operators; null: nobody listed anything, and none is asked for. */
  readonly addresses: readonly ListedAddress[] | null;
  /** No SMS leaves without a registered template (rule 5). */
  readonly needsRegistration: boolean;
  /** Most parts of an SMS whose template says nothing else. */
  readonly mostSmsParts: number;
}

/** A template as it stands in a journey file, with what is known around it. */
export interface DraftTemplate {
  readonly channel: string;
  readonly template: Template;
  /** What its author wrote, placeholders included. */
  readonly texts: readonly { readonly at: string; readonly text: string }[];
  readonly usesLink: boolean;
  /** Null: it is looked at outside a journey. */
  readonly step: StepAsk | null;
  /** The registered SMS template; null: nobody registered it, or the channel is another. */
  readonly sms: DltTemplate | null;
  /** The vendor's template; null: there is none; undefined: nobody knows. */
  readonly vendor: VendorTemplate | null | undefined;
  /** It was taken out of use, by the vendor or by an operator. */
  readonly isPaused: boolean;
  readonly policy: LintPolicy;
}

/** A message with its values, right before it is planned. */
export interface DraftMessage {
  readonly channel: string;
  /** Every text that a person would read or follow. */
  readonly texts: readonly string[];
  /** Values that came out of events' own properties: a shop may write anything there. */
  readonly freeValues: readonly string[];
  readonly purpose: Purpose;
  /** As in `StepAsk`. */
  readonly mandatory: boolean;
  /** What the matter is known by: kinds and values. */
  readonly keys: Readonly<Record<string, string>>;
  /** Of an SMS: the values of its variables. */
  readonly variables: Readonly<Record<string, string>>;
  readonly sms: DltTemplate | null;
  readonly vendor: VendorTemplate | null | undefined;
  /** Of a WhatsApp message: what it fills in. */
  readonly filled: FilledParts | null;
  /** As in `StepAsk`. */
  readonly toNextStepMs: number;
  readonly policy: LintPolicy;
  readonly legalHours: readonly LegalWindow[];
  /** When it is about to be handed over; null: it is only being planned, and the hours are asked before the claim. */
  readonly handedOverAt: Instant | null;
  /** What consent and suppressions say; null: nothing against it, or it is only being planned and they are asked in the claim. */
  readonly contactRefusal: string | null;
}

/** What a WhatsApp message gives for the variables of its template. */
export interface FilledParts {
  /** Null: by place. */
  readonly bodyNames: readonly string[] | null;
  readonly bodyCount: number;
  readonly header: string | null;
  readonly suffixAt: number | null;
  readonly quickReplies: readonly number[];
}

/** What is wrong, where, and how to mend it. */
export interface Finding {
  readonly at: string;
  readonly code: string;
  readonly detail: string;
}

/** Why a message is not sent. `rejected`: the vendor would refuse it; both let the run fall forward. */
export interface Refusal {
  readonly state: 'skipped' | 'rejected';
  readonly reason: string;
}

/** One rule of the field, looked at when a journey is published and again before each send. */
export interface LintRule {
  readonly number: number;
  /** What it demands, in a sentence. */
  readonly demands: string;
  atPublish(draft: DraftTemplate): readonly Finding[];
  atSend(message: DraftMessage): Refusal | null;
}

export const found = (at: string, code: string, detail: string): Finding => ({ at, code, detail });
export const skipped = (reason: string): Refusal => ({ state: 'skipped', reason });
export const rejected = (reason: string): Refusal => ({ state: 'rejected', reason });

/** WhatsApp's and DLT's categories by the consent that they ask for; one that nobody knows asks for more. */
export const purposeOfCategory = (category: string | undefined): Purpose =>
  category !== undefined && ['utility', 'authentication', 'service'].includes(category) ? 'service' : 'marketing';
