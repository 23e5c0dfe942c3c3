import { type AccountNews } from '@wapas/provider-kit';

/** What a provider's rows of `account_standing` become; `until` null: until the vendor or a person says otherwise. */
export type AfterAccountNews =
  | { readonly kind: 'restrict'; readonly marketingOnly: boolean; readonly code: string; readonly until: number | null }
  | { readonly kind: 'restore'; readonly marketingOnly: boolean; readonly code: string }
  /** Nothing changes by itself; a person should know. */
  | { readonly kind: 'tell'; readonly code: string };

/**
 * What a vendor's news of the account, or of the number that sends, mean for the next send. A restriction that is over by the time it is
 * heard of is told like everything else that nobody can act upon here.
 */
export function afterAccountNews({ standing, only, until, code }: AccountNews, now: number): AfterAccountNews {
  const marketingOnly = only === 'marketing';
  if (standing === 'usable') return { kind: 'restore', marketingOnly, code };
  if (standing === undefined || (until !== undefined && until <= now)) return { kind: 'tell', code };
  return { kind: 'restrict', marketingOnly, code, until: until ?? null };
}
