import { type JourneyVersion, type Step } from './definition';

/** What holds the messages of a step back; null: a mandatory notice has no caps. */
export const capsOf = (
  { maxMessages }: Pick<JourneyVersion, 'maxMessages'>,
  { mandatory, purpose }: Pick<Step, 'mandatory' | 'purpose'>,
): { readonly marketing: boolean; readonly perRun: number } | null =>
  mandatory ? null : { marketing: purpose === 'marketing', perRun: maxMessages };
