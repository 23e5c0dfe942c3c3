import { type SendFailure } from './outcome';

/**
 * A template as the vendor holds it: one translation of it. What Wapas checks journeys and sends against, so only what the
 * vendor said is set.
 */
export interface VendorTemplate {
  readonly name: string;
  /** Exactly as a send has to name it: `en` is not `en_US`. */
  readonly language: string;
  /** `pending`: not yet. `paused`: not now. `gone`: not any more. Only `usable` may be sent. */
  readonly status: 'usable' | 'pending' | 'paused' | 'gone';
  /** The vendor's word for the status. */
  readonly code: string;
  /** The vendor's price category in lower case, such as `utility` or `marketing`. */
  readonly category?: string;
  /** The vendor's word: GREEN, YELLOW, RED. */
  readonly quality?: string;
  readonly parameterFormat: 'positional' | 'named';
  readonly header?: {
    readonly kind: 'text' | 'image' | 'video' | 'document' | 'other';
    readonly text?: string;
    /** Names or numbers of the placeholders in the text. */
    readonly parameters: readonly string[];
  };
  readonly body: { readonly text: string; readonly parameters: readonly string[] };
  readonly footer?: string;
  readonly buttons: readonly {
    readonly kind: 'url' | 'quick_reply' | 'other';
    readonly text: string;
    /** The registered address; of one with a variable end, the beginning. */
    readonly url?: string;
    /** True: a send gives the end of the address. */
    readonly hasVariable: boolean;
  }[];
  /** How long the vendor tries to deliver it, in seconds. Absent: the vendor's own default, which may be weeks. */
  readonly validForSeconds?: number;
}

/** One page of the vendor's list, and what leads to the next one; absent: this was the last. */
export type TemplatePage =
  | {
      readonly ok: true;
      readonly templates: readonly VendorTemplate[];
      readonly next?: string;
      /** Entries that could not be read, each in a few words. */
      readonly leftovers: readonly string[];
    }
  | { readonly ok: false; readonly failure: SendFailure };

/** For vendors whose templates are registered with them and can be listed. Asked at start, every hour, and when they change. */
export interface TemplateLibrary {
  /** Never throws on what a vendor answers. `after` is the `next` of the page before. */
  page(after?: string): Promise<TemplatePage>;
}
