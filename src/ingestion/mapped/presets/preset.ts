import { type Mapping } from '../../sources/mapping';
import { type SignatureRecipe } from '../../sources/signature';

/** What is known of a vendor's webhooks, ready to be used by a mapped source, whole or changed. Data only. */
export interface SourcePreset {
  readonly key: string;
  readonly title: string;
  /** `verified`: after the vendor's own public documentation or code. `unverified`: nobody could check it there; try it with a real webhook first. */
  readonly status: 'verified' | 'unverified';
  /** Where it comes from, and when that was read. */
  readonly origin: { readonly page: string; readonly readOn: string };
  /** What an operator has to know or do. */
  readonly notes: readonly string[];
  readonly recipe: SignatureRecipe;
  /** As in Source. */
  readonly pingField?: string;
  readonly mapping: Mapping;
}
