import { type LookupAddress, lookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';
import { AppError } from '../errors.ts';

const PUBLIC_RANGE = 'unicast';
/** All of IPv6 that is handed out; the old ways to write an IPv4 address lie outside. */
const PUBLIC_IPV6 = ipaddr.parseCIDR('2000::/3') as [ipaddr.IPv6, number];
/** What Azure gives its machines for metadata, DNS and health; it lies in public space. */
const AZURE_PLATFORM = '168.63.129.16';

/** Decides on the address that a socket is about to be connected to. */
export type AddressCheck = (address: string) => boolean;

/**
 * Whether an address belongs to the public internet: not our own machine, network, neighbours or cloud metadata, in
 * whatever notation, mapped or tunnelled through IPv6.
 */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  // `process` turns an IPv4-mapped address into the IPv4 address that it stands for.
  const parsed = ipaddr.process(address);
  if (parsed instanceof ipaddr.IPv6 && !parsed.match(...PUBLIC_IPV6)) return false;
  return parsed.range() === PUBLIC_RANGE && parsed.toString() !== AZURE_PLATFORM;
}

/** Decides which addresses may be reached on behalf of a tenant. */
export interface AddressGuard {
  /** Why a URL may not be asked for, as far as can be said without resolving its host; null when nothing speaks against it. */
  refusalOf(url: URL): string | null;
  /** Resolves a host for the very connection that is about to be made, so that nothing can change in between. */
  readonly lookup: LookupFunction;
}

/** @param privateHosts hosts that may be reached over plain HTTP and at addresses which are not public */
export function createAddressGuard(privateHosts: readonly string[]): AddressGuard {
  const isExcepted = (hostname: string) => privateHosts.includes(hostname.toLowerCase());
  return {
    refusalOf({ protocol, hostname }) {
      if (isExcepted(hostname)) return null;
      if (protocol !== 'https:') return `${hostname} must be reached by https.`;
      // An address in a URL is never looked up. IPv6 stands in brackets.
      const literal = hostname.replace(/^\[|\]$/g, '');
      return ipaddr.isValid(literal) && !isPublicAddress(literal) ? `${hostname} is not a public address.` : null;
    },
    lookup(hostname, options, callback) {
      lookup(hostname, { ...options, all: true }, (error, found) => {
        const usable = isExcepted(hostname) ? found : found?.filter(({ address }) => isPublicAddress(address));
        const [first] = usable ?? [];
        if (error || !first) callback(error ?? notPublic(hostname), []);
        else if (options.all) callback(null, usable as LookupAddress[]);
        else callback(null, first.address, first.family);
      });
    },
  };
}

const notPublic = (hostname: string) =>
  new AppError('unprocessable', `${hostname} has no public address. The operator can allow it as a private host.`);
