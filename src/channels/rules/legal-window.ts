import { type Instant } from '@wapas/kernel';
import { type LocalHours } from '@wapas/local-hours';

/** Hours in which a message may be handed over, by law or by its author's word. */
export type LegalWindow = LocalHours;

/** The author's hours. They bind after that moment only: so soon after T the customer is awake anyway. */
export interface OwnWindow extends LegalWindow {
  readonly bindsAfter: Instant;
  /** Wait for the next opening, or give the message up. */
  readonly outside: 'hold' | 'expire';
}
