import { type EntityKey } from '@wapas/entity-keys';
import { type PaymentAsk } from '@wapas/gateways';
import { type Instant } from '@wapas/kernel';
import { type LegalWindow, type OwnWindow } from './legal-window';

/** What stops a message: an event of one of these names about one of these keys (D7). */
export interface Guard {
  /** For keys that are used again only events after `since` count. `names`: which events count by this key; absent: all of `stops`. */
  readonly keys: readonly { readonly key: EntityKey; readonly absorbing: boolean; readonly names?: readonly string[] }[];
  readonly since: Instant;
  /** Event name to the reason the message is then skipped with. */
  readonly stops: Readonly<Record<string, string>>;
  /** The payment it is about, for whoever asks the gateway; absent when there is none, or nobody may be asked. */
  readonly asks?: PaymentAsk;
  /** What consent it needs; absent: a service message. */
  readonly purpose?: 'service' | 'marketing';
  /**
   * What has to be up for its matter to be paid, as `dimension:value`, its gateway among them where that is known; absent: nothing that
   * anybody watches, or it goes out anyway.
   */
  readonly rails?: readonly string[];
  /** The hours in which the law lets it be handed over; absent: all day. */
  readonly hours?: readonly LegalWindow[];
  /** The hours that the journey's author lets it go out in; absent: all day. */
  readonly ownHours?: OwnWindow;
}
