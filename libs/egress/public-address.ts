import { lookup as systemLookup, type LookupAddress } from 'node:dns';
import { BlockList, isIP } from 'node:net';

/** Networks that are nobody's business outside: private, shared, link-local (cloud metadata among them), documentation, multicast. RFC 6890. */
const CLOSED_IPV4 = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const;
/** Of IPv6 only global unicast is open, less what carries an IPv4 address inside or is documentation. */
const CLOSED_IPV6 = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const;

const closed = new BlockList();
for (const [net, bits] of CLOSED_IPV4) closed.addSubnet(net, bits, 'ipv4');
for (const [net, bits] of CLOSED_IPV6) closed.addSubnet(net, bits, 'ipv6');
const globalIpv6 = new BlockList();
globalIpv6.addSubnet('2000::', 3, 'ipv6');

/** May a call to somebody else's address end at this IP? False for anything that is not plainly public. */
export function isPublicAddress(ip: string): boolean {
  const family = isIP(ip);
  if (family === 4) return !closed.check(ip, 'ipv4');
  return family === 6 && globalIpv6.check(ip, 'ipv6') && !closed.check(ip, 'ipv6');
}

export class AddressNotPublic extends Error {
  readonly code = 'ADDRESS_NOT_PUBLIC';
}

type Found = (error: Error | null, address: string | LookupAddress[], family?: number) => void;
export type Lookup = (host: string, options: { readonly all?: boolean }, found: Found) => void;

/**
 * Resolves a name and refuses it when one of its addresses is not public. It runs as the lookup of the connection itself,
 * so the address that was checked is the address that is connected to: a name that changes in between gains nothing.
 */
export function publicLookup(resolve: Lookup = systemLookup): Lookup {
  return (host, options, found) =>
    resolve(host, { ...options, all: true }, (error, addresses) => {
      if (error) return found(error, []);
      const all = addresses as LookupAddress[];
      const [first] = all;
      if (first === undefined || !all.every(({ address }) => isPublicAddress(address)))
        return found(new AddressNotPublic('An address is not public'), []);
      if (options.all === true) found(null, all);
      else found(null, first.address, first.family);
    });
}
