import { type KeyKind } from '@wapas/entity-keys';
import { type Condition } from './condition';
import { type Answer, type Signal } from './definition';
import { type LegalHoursName } from './legal-hours';

/** A journey as its author wrote it. `format` names the grammar; fields are only ever added to `wapas.journey/1`. */
export interface JourneyDefinition {
  readonly format: 'wapas.journey/1';
  readonly key: string;
  readonly name: string;
  readonly trigger: { readonly event: string; readonly where?: readonly Condition[]; readonly maxAge?: string };
  readonly hold?: {
    readonly when?: readonly Condition[];
    readonly for: string;
    readonly during?: readonly { readonly from: string; readonly to: string; readonly zone?: string }[];
    readonly confirmedBy?: readonly string[];
    readonly onUnknown?: 'enter' | 'skip';
  };
  readonly correlateBy: readonly KeyKind[];
  readonly correlateWith?: readonly string[];
  readonly reentryAfter?: string;
  readonly reentryAfterForPerson?: string;
  readonly maxEntries?: number;
  readonly attempts?: 'attach' | 'restart' | 'restart_when_engaged';
  readonly maxLaps?: number;
  readonly goal: GoalDefinition & { readonly or?: readonly GoalDefinition[] };
  readonly exits?: readonly ExitDefinition[];
  readonly silence?: readonly string[];
  readonly window: string;
  readonly lateGoal?: string;
  readonly holdoutPercent?: number;
  readonly postpone?: {
    readonly events: readonly string[];
    readonly within?: string;
    readonly by?: string;
    readonly most?: number;
  };
  readonly maxMessages?: number;
  readonly incidents?: 'hold' | 'ignore';
  readonly legalHours?: readonly LegalHoursName[];
  readonly steps: readonly StepDefinition[];
}

export interface GoalDefinition {
  readonly events: readonly string[];
  readonly by: readonly KeyKind[];
  readonly where?: readonly Condition[];
}

export interface ExitDefinition {
  readonly event: string;
  readonly reason: string;
  readonly by?: readonly KeyKind[];
  readonly where?: readonly Condition[];
}

export interface AskedDefinition {
  readonly step: string;
  readonly signal: Signal;
  readonly answer?: Answer;
}

export interface StepDefinition {
  readonly key: string;
  readonly after: string;
  readonly together?: boolean;
  readonly minDelay?: string;
  readonly maxDelay?: string;
  readonly channel: string;
  readonly purpose?: 'service' | 'marketing';
  readonly when?: readonly Condition[];
  readonly if?: readonly AskedDefinition[];
  readonly unless?: readonly AskedDefinition[];
  readonly hours?: {
    readonly from: string;
    readonly to: string;
    readonly zone?: string;
    readonly outside?: 'hold' | 'expire';
    readonly exceptWithin?: string;
  };
  readonly days?: {
    readonly from: number;
    readonly to: number;
    readonly zone?: string;
    readonly when?: readonly Condition[];
  };
  readonly mandatory?: boolean;
  readonly messages: readonly MessageDefinition[];
}

export interface MessageDefinition {
  readonly when?: readonly Condition[];
  readonly template?: Template;
  readonly variants?: readonly { readonly key: string; readonly percent: number; readonly template: Template }[];
}

type Template = Readonly<Record<string, unknown>>;
