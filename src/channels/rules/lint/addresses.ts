/** An address as it is white-listed with the operators (rule 7). */
export interface ListedAddress {
  /**
   * `static`: exactly this address. `dynamic`: whatever follows its `?`. `short`: a token after a registered header, such as
   * `https://pay.example/SHOPIN/`. `number`: a telephone number that may be printed.
   */
  readonly kind: 'static' | 'dynamic' | 'short' | 'number';
  readonly address: string;
}

/** Why the operators would not list it; null: they would. */
export function faultOfListing({ kind, address }: ListedAddress): string | null {
  if (kind === 'number') return /^\+?\d{3,15}$/.test(address) ? null : 'Give the digits of the number.';
  if (!URL.canParse(address) || !address.startsWith('https://')) return 'Give an https address.';
  const { hostname, pathname, username, hash } = new URL(address);
  if (username !== '' || hash !== '') return 'Give an address without a name before the host and without #.';
  if (/^[\d.]+$|^\[/.test(hostname)) return 'Operators list no IP addresses. Give a host name.';
  if (kind === 'static') return address.includes('?') ? 'A static address holds no "?". List it as dynamic.' : null;
  if (kind === 'dynamic') return address.indexOf('?') === address.length - 1 ? null : 'List the fixed part, ending with "?".';
  return /^\/[A-Za-z]{3,6}\/$/.test(pathname) && address.endsWith(pathname)
    ? null
    : 'A short address ends with the registered header, such as https://pay.example/SHOPIN/.';
}

const ADDRESS = /\b(?:https?:\/\/|www\.)[^\s<>"']+/gi;

/** Every web address in a text, without the full stop or bracket that ends the sentence around it. */
export const addressesIn = (text: string): string[] => (text.match(ADDRESS) ?? []).map((one) => one.replace(/[.,;:!)\]]+$/, ''));

/** Whether an address passes the operators' list when it is sent under a header. Case counts. */
export function isListed(address: string, header: string, listed: readonly ListedAddress[]): boolean {
  return listed.some((one) => {
    switch (one.kind) {
      case 'static':
        return address === one.address;
      case 'dynamic':
        return address.startsWith(one.address);
      case 'short':
        return (
          one.address.endsWith(`/${header}/`) &&
          address.startsWith(one.address) &&
          /^[A-Za-z0-9_-]+$/.test(address.slice(one.address.length))
        );
      case 'number':
        return false;
    }
  });
}
