import { cartsAreMarketing, linksAreShort, noOffersInService, nothingPrivate } from './content-rules';
import { type DraftMessage, type DraftTemplate, type Finding, type LintRule, type Refusal } from './linted';
import { partsAreBounded } from './parts-rule';
import {
  addressesAreListed,
  categoryIsTheTemplates,
  dndNeedsConsent,
  promotionalHours,
  registrationIsSound,
  textIsTheRegisteredOne,
} from './sms-rules';
import { nothingArrivesLate, onlyApprovedTemplates } from './whatsapp-rules';

/** Every rule that is looked at before a journey is published and before each send. Adding one is its object and its line here. */
export const LINT_RULES: readonly LintRule[] = [
  promotionalHours,
  categoryIsTheTemplates,
  noOffersInService,
  cartsAreMarketing,
  textIsTheRegisteredOne,
  registrationIsSound,
  addressesAreListed,
  linksAreShort,
  dndNeedsConsent,
  onlyApprovedTemplates,
  nothingArrivesLate,
  nothingPrivate,
  partsAreBounded,
];

/** Everything that keeps a template from being published, each with the number of its rule. */
export function lintDraft(draft: DraftTemplate): Finding[] {
  return LINT_RULES.flatMap((rule) =>
    rule.atPublish(draft).map(({ at, code, detail }) => ({ at, code, detail: `Rule ${rule.number}. ${detail}` })),
  );
}

/** Why a message must not be sent; null: no rule speaks against it. */
export function lintMessage(message: DraftMessage): Refusal | null {
  for (const rule of LINT_RULES) {
    const refusal = rule.atSend(message);
    if (refusal !== null) return refusal;
  }
  return null;
}
