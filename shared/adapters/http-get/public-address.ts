import ipaddr from 'ipaddr.js';

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
  return parsed.range() === 'unicast' && parsed.toString() !== AZURE_PLATFORM;
}
