import { lookup as dnsLookup, type LookupAddress } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import type { buildConnector } from 'undici';
import { AppError } from '../../errors.ts';
import type { AddressCheck } from '../public-address.ts';

const CONNECT_MILLISECONDS = 5_000;

const refused = () => new AppError('forbidden', 'This host has no public address, so it may not be read.');

/**
 * Connects only where `isAllowed` says so. What a name resolves to is checked in the look-up of the very connection, so
 * that no second answer of the name server can slip in between; of several addresses, one that is refused refuses all.
 */
export function guardedConnector(
  build: typeof buildConnector,
  isAllowed: AddressCheck,
  resolve: typeof dnsLookup = dnsLookup,
): buildConnector.connector {
  const lookup: LookupFunction = (hostname, options, done) => {
    resolve(hostname, { ...options, all: true }, (error, found) => {
      const addresses: LookupAddress[] = error ? [] : found;
      const [first] = addresses;
      if (error || !first) return done(error ?? refused(), '', 0);
      if (!addresses.every(({ address }) => isAllowed(address))) return done(refused(), '', 0);
      return options.all ? done(null, addresses) : done(null, first.address, first.family);
    });
  };
  const connect = build({ lookup, timeout: CONNECT_MILLISECONDS, allowH2: false });
  return (options, done) => {
    // An address needs no look-up, so it is checked here.
    const literal = options.hostname.replace(/^\[|\]$/g, '');
    if (isIP(literal) !== 0 && !isAllowed(literal)) return done(refused(), null);
    return connect(options, done);
  };
}
