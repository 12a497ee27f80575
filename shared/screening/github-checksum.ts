import { crc32 } from 'node:zlib';

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const CHECKSUM_LENGTH = 6;
const CLASSIC = /^gh[pousr]_[A-Za-z0-9]{36}$/;

/**
 * Whether a token of GitHub can be real: its last six characters are the CRC-32 of those before, in base 62.
 * Those of another form have no checksum that is known.
 */
export function hasGitHubChecksum(token: string): boolean {
  if (!CLASSIC.test(token)) return true;
  const [, drawn = ''] = token.split('_');
  const body = drawn.slice(0, -CHECKSUM_LENGTH);
  return drawn.slice(-CHECKSUM_LENGTH) === inBase62(crc32(body)).padStart(CHECKSUM_LENGTH, '0');
}

function inBase62(number: number): string {
  const rest = Math.floor(number / DIGITS.length);
  return (rest === 0 ? '' : inBase62(rest)) + (DIGITS[number % DIGITS.length] ?? '');
}
