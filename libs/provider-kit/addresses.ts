import { BlockList, isIP } from 'node:net';

/**
 * Whether an address of the Internet is among `listed`: single addresses and ranges, such as `203.0.113.7` and `203.0.113.0/24`.
 * What is no address is among none.
 */
export function isAmong(address: string, listed: readonly string[]): boolean {
  const plain = address.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '');
  if (isIP(plain) === 0) return false;
  const list = new BlockList();
  for (const one of listed) {
    const [from = '', bits] = one.split('/');
    if (bits === undefined) list.addAddress(from, familyOf(from));
    else list.addSubnet(from, Number(bits), familyOf(from));
  }
  return list.check(plain, familyOf(plain));
}

/** An address, or one with the length of the part that counts. */
export function isAddressOrRange(text: string): boolean {
  const [from = '', bits, ...more] = text.split('/');
  const longest = isIP(from) === 6 ? 128 : 32;
  return isIP(from) !== 0 && more.length === 0 && (bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= longest));
}

const familyOf = (address: string): 'ipv4' | 'ipv6' => (isIP(address) === 6 ? 'ipv6' : 'ipv4');
