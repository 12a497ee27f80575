import { createHash, randomInt } from 'node:crypto';
import { decodeTime, encodeTime, monotonicFactory, TIME_LEN } from 'ulid';

export type IdPrefix = 'ten' | 'ses' | 'msg' | 'run' | 'kb' | 'doc' | 'use' | 'aud' | 'key' | 'era' | 'tsv' | 'imp';

/** Node draws random integers in batches, ulid's own source asks the system for every digit. */
const nextUlid = monotonicFactory(() => randomInt(256) / 256);
const CROCKFORD_BASE32 = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const ULID_LENGTH = 26;

/** The part of a new id after its prefix, for ids whose form somebody else has set. */
export const newUlid = (): string => nextUlid();

/** A new id that sorts by its time of creation. */
export function newId(prefix: IdPrefix): string {
  return `${prefix}_${nextUlid()}`;
}

/** When `newId` made an id, or an id was cut short after its time. */
export function timeOfId(id: string): Date {
  const ulid = id.slice(id.indexOf('_') + 1).slice(0, ULID_LENGTH);
  return new Date(decodeTime(ulid.padEnd(ULID_LENGTH, '0')));
}

/** The least id that `newId` can make at a moment. */
export function firstIdAt(prefix: IdPrefix, moment: Date): string {
  return `${prefix}_${encodeTime(moment.getTime(), TIME_LEN).padEnd(ULID_LENGTH, '0')}`;
}

/** The same id for the same parts, always: for things that the outside names, such as a blob's path. */
export function derivedId(prefix: IdPrefix, ...parts: readonly string[]): string {
  const digest = createHash('sha256').update(JSON.stringify(parts)).digest();
  // Each byte gives one digit of five bits; the first digit stays below 8, as in any ULID.
  const digits = Array.from(digest.subarray(0, ULID_LENGTH), (byte, index) =>
    CROCKFORD_BASE32.charAt(byte % (index === 0 ? 8 : 32)),
  );
  return `${prefix}_${digits.join('')}`;
}
