import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { AppError } from '../errors.ts';

const ALGORITHM = 'aes-256-gcm';
const FORMAT = 'v1';
/** Bytes. */
const NONCE_LENGTH = 12;
const TAG_LENGTH = 16;

/** Keeps secrets so that they can be read only by us, and only where they belong. */
export interface SecretBox {
  /** @throws AppError `unprocessable` when the operator has set no key. */
  seal(secret: string, context: readonly string[]): string;
  /** @throws AppError `unprocessable` when it was sealed by another key or for another context, or was changed. */
  open(sealed: string, context: readonly string[]): string;
}

/**
 * AES-256-GCM with a nonce of its own for each secret. The context is authenticated along: what is copied to another
 * tenant, server or address cannot be opened there.
 * @param key 32 bytes; null: nothing can be sealed or opened
 */
export function createSecretBox(key: Uint8Array | null): SecretBox {
  function requireKey(): Uint8Array {
    if (key) return key;
    throw new AppError('unprocessable', 'Secrets cannot be kept here: the operator has to set TOOL_SECRETS_KEY.');
  }

  return {
    seal(secret, context) {
      const nonce = randomBytes(NONCE_LENGTH);
      const cipher = createCipheriv(ALGORITHM, requireKey(), nonce).setAAD(bytesOf(context));
      const text = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
      return `${FORMAT}.${Buffer.concat([nonce, cipher.getAuthTag(), text]).toString('base64url')}`;
    },
    open(sealed, context) {
      const usable = requireKey();
      try {
        const bytes = Buffer.from(sealed.slice(FORMAT.length + 1), 'base64url');
        const nonce = bytes.subarray(0, NONCE_LENGTH);
        const tag = bytes.subarray(NONCE_LENGTH, NONCE_LENGTH + TAG_LENGTH);
        const decipher = createDecipheriv(ALGORITHM, usable, nonce, { authTagLength: TAG_LENGTH });
        decipher.setAAD(bytesOf(context)).setAuthTag(tag);
        const text = bytes.subarray(NONCE_LENGTH + TAG_LENGTH);
        return Buffer.concat([decipher.update(text), decipher.final()]).toString('utf8');
      } catch (cause) {
        throw new AppError(
          'unprocessable',
          'The stored secret cannot be opened. An administrator has to give it again.',
          {
            cause,
          },
        );
      }
    },
  };
}

/** Unambiguous: no two contexts have the same bytes. */
const bytesOf = (context: readonly string[]) => Buffer.from(JSON.stringify(context));
