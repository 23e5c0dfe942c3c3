import { type Money, toMajorText } from '@wapas/kernel';

/** Signed addresses have about 400 characters; more than this no camera reads from a screen. */
const LONGEST = 800;

/**
 * Is this `upi://` address one that a customer may be given for this amount? It came from the gateway, and still: an address
 * for another amount, or one that is something else than a payment to a named payee, is not shown (UPI linking specification
 * 1.6: `am` is rupees with two decimals, `cu` is INR only). With `payees` (lower case) only those may be paid.
 */
export function isUsableIntent(intent: string, amount: Money, payees: readonly string[] = []): boolean {
  if (amount.currency !== 'INR' || intent.length > LONGEST || !/^upi:\/\/pay\?[\x21\x23-\x3b\x3d\x3f-\x7e]+$/.test(intent))
    return false;
  const given = new URLSearchParams(intent.slice('upi://pay?'.length));
  const [pa, am, cu, tr] = ['pa', 'am', 'cu', 'tr'].map((name) =>
    given.getAll(name).length === 1 ? given.get(name) : undefined,
  );
  if (!pa || !/^[A-Za-z0-9._-]{2,256}@[A-Za-z0-9.-]{2,64}$/.test(pa) || !tr) return false;
  if (payees.length > 0 && !payees.includes(pa.toLowerCase())) return false;
  if (!am || !/^\d{1,10}(\.\d{1,2})?$/.test(am) || given.has('mam') || given.getAll('cu').length > 1) return false;
  const [whole, fraction = ''] = am.split('.') as [string, string?];
  return `${Number(whole)}.${fraction.padEnd(2, '0')}` === toMajorText(amount) && (cu === undefined || cu === 'INR');
}
