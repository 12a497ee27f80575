import type { BlobClient, BlobGenerateSasUrlOptions, BlobServiceClient, UserDelegationKey } from '@azure/storage-blob';
import type { StorageConfig } from '../../config.ts';
import type { Disposition } from '../../contracts/documents.ts';
import { storageCall } from '../azure-storage.ts';

const HOUR = 60 * 60 * 1000;
/** Clocks differ: a link that starts now may not have started yet for the service. */
const EARLY_START = 5 * 60 * 1000;
const KEY_LIFETIME = 12 * HOUR;

export interface Link {
  readonly permissions: 'r' | 'cw';
  readonly expiresAt: Date;
  readonly contentDisposition?: string;
  readonly contentType?: string;
}

/** Signs a link to one blob. */
export type Sign = (blob: BlobClient, link: Link) => Promise<string>;

/** Signs with the account's key where there is one, else with a key that is delegated to our identity and reused. */
export function linkSigner(storage: StorageConfig, service: () => Promise<BlobServiceClient>): Sign {
  const delegatedKey = delegatedKeys(service);
  return async (blob, { permissions, expiresAt, contentDisposition, contentType }) => {
    const { BlobSASPermissions, SASProtocol } = await import('@azure/storage-blob');
    const options: BlobGenerateSasUrlOptions = {
      permissions: BlobSASPermissions.parse(permissions),
      protocol: blob.url.startsWith('https:') ? SASProtocol.Https : SASProtocol.HttpsAndHttp,
      startsOn: new Date(Date.now() - EARLY_START),
      expiresOn: expiresAt,
      contentDisposition,
      contentType,
    };
    if ('connectionString' in storage) return blob.generateSasUrl(options);
    return blob.generateUserDelegationSasUrl(options, await delegatedKey(expiresAt));
  };
}

/** Asks for a new key only when the last one ends before the link does. */
function delegatedKeys(service: () => Promise<BlobServiceClient>): (until: Date) => Promise<UserDelegationKey> {
  let last: { readonly key: Promise<UserDelegationKey>; readonly expiresAt: number } | undefined;
  return (until) => {
    if (last && last.expiresAt >= until.getTime()) return last.key;
    const expiresAt = Math.max(Date.now() + KEY_LIFETIME, until.getTime());
    const requested = { key: requestKey(service, new Date(expiresAt)), expiresAt };
    last = requested;
    requested.key.catch(() => {
      if (last === requested) last = undefined;
    });
    return requested.key;
  };
}

async function requestKey(service: () => Promise<BlobServiceClient>, expiresAt: Date): Promise<UserDelegationKey> {
  const client = await service();
  const startsAt = new Date(Date.now() - EARLY_START);
  return storageCall((abortSignal) => client.getUserDelegationKey(startsAt, expiresAt, { abortSignal }));
}

/**
 * The header that shows or saves a download under a name in any script (RFC 6266, RFC 8187). Clients that know no
 * `filename*` get the name with what ASCII lacks, or a quoted string gives a meaning, replaced.
 */
export function dispositionHeader(disposition: Disposition, name: string): string {
  const wellFormed = name.toWellFormed();
  const encoded = encodeURIComponent(wellFormed).replaceAll(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  const plain = wellFormed.replaceAll(/[^\x20-\x7e]|["\\%]/gu, '_');
  return `${disposition}; filename="${plain}"; filename*=UTF-8''${encoded}`;
}
