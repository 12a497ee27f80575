import { analyse } from 'chardet';
import iconv from 'iconv-lite';

const SAMPLE_BYTES = 64 * 1024;
const JAPANESE_ESCAPES = ['\x1b$@', '\x1b$B', '\x1b(J', '\x1b(I'];
const CHINESE_ESCAPES = ['\x1b$)A', '\x1b$)G'];
const KOREAN_ESCAPE = '\x1b$)C';
const SURE_CONFIDENCE = 30;
const DOS_CYRILLIC = 'cp866';
const FREQUENT_LETTER_SHARE = 0.5;
const NUL_SHARE_OF_UTF16 = 0.2;

const byteOrderMarks: ReadonlyArray<readonly [string, readonly number[]]> = [
  ['utf-32le', [0xff, 0xfe, 0, 0]],
  ['utf-32be', [0, 0, 0xfe, 0xff]],
  ['utf-8', [0xef, 0xbb, 0xbf]],
  ['utf-16le', [0xff, 0xfe]],
  ['utf-16be', [0xfe, 0xff]],
];

/**
 * Turns bytes of unknown encoding into text; never fails, at worst it reads them as Windows-1252.
 *
 * @param declared the encoding that the file names itself, believed only of what is not plainly Unicode
 */
export function decodeText(bytes: Uint8Array, declared?: string): string {
  const encoding = detectUnicode(bytes);
  if (encoding) return iconv.decode(bytes, encoding);
  const shifted = decodeEscapedCharsets(bytes);
  if (shifted !== null) return shifted;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    const known = declared && !/^utf/i.test(declared) && iconv.encodingExists(declared);
    return iconv.decode(bytes, known ? declared : detectLegacy(bytes));
  }
}

/** The Unicode encoding that a byte order mark or the pattern of zero bytes gives away; null for all others. */
export function detectUnicode(bytes: Uint8Array): string | null {
  for (const [encoding, mark] of byteOrderMarks) {
    if (!mark.every((byte, index) => bytes[index] === byte)) continue;
    // Some writers put the mark of one byte order before text in the other.
    return encoding.startsWith('utf-16') ? (detectUtf16(bytes) ?? encoding) : encoding;
  }
  return detectUtf32(bytes) ?? detectUtf16(bytes);
}

function detectUtf32(bytes: Uint8Array): string | null {
  if (bytes.byteLength === 0 || bytes.byteLength % 4 !== 0) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, SAMPLE_BYTES));
  const isText = (littleEndian: boolean) => {
    for (let offset = 0; offset + 4 <= view.byteLength; offset += 4) {
      const codePoint = view.getUint32(offset, littleEndian);
      if (codePoint === 0 || codePoint > 0x10ffff) return false;
    }
    return true;
  };
  if (isText(true)) return 'utf-32le';
  return isText(false) ? 'utf-32be' : null;
}

function detectUtf16(bytes: Uint8Array): string | null {
  if (bytes.byteLength < 2 || bytes.byteLength % 2 !== 0) return null;
  const sample = bytes.subarray(0, SAMPLE_BYTES);
  const nulAt = [0, 0] as [number, number];
  for (let index = 0; index < sample.length; index += 1) {
    if (sample[index] === 0) nulAt[index % 2 === 0 ? 0 : 1] += 1;
  }
  const [even, odd] = nulAt.map((count) => count / (sample.length / 2)) as [number, number];
  if (odd > NUL_SHARE_OF_UTF16 && even < odd / 10) return 'utf-16le';
  return even > NUL_SHARE_OF_UTF16 && odd < even / 10 ? 'utf-16be' : null;
}

function decodeEscapedCharsets(bytes: Uint8Array): string | null {
  if (!bytes.subarray(0, SAMPLE_BYTES).includes(0x1b)) return null;
  const start = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, SAMPLE_BYTES)).toString(
    'latin1',
  );
  if (JAPANESE_ESCAPES.some((sequence) => start.includes(sequence)))
    return new TextDecoder('iso-2022-jp').decode(bytes);
  if (CHINESE_ESCAPES.some((sequence) => start.includes(sequence))) return decodeShifted(bytes, 'gb18030');
  return start.includes(KOREAN_ESCAPE) ? decodeShifted(bytes, 'euc-kr') : null;
}

/** ISO-2022-CN and -KR: between SO and SI each byte is that of the EUC form without its high bit (RFC 1922, RFC 1557). */
function decodeShifted(bytes: Uint8Array, encoding: string): string {
  const plain: number[] = [];
  let shifted = false;
  for (let index = 0; index < bytes.length; index += 1) {
    const byte = bytes[index] ?? 0;
    if (byte === 0x1b) index += 3;
    else if (byte === 0x0e || byte === 0x0f) shifted = byte === 0x0e;
    else plain.push(shifted && byte > 0x20 ? byte | 0x80 : byte);
  }
  return iconv.decode(Uint8Array.from(plain), encoding);
}

function detectLegacy(bytes: Uint8Array): string {
  const sample = bytes.subarray(0, SAMPLE_BYTES);
  const candidates = analyse(sample).filter(({ name }) => !name.startsWith('UTF') && iconv.encodingExists(name));
  const [best] = candidates;
  if (best && best.confidence >= SURE_CONFIDENCE) return best.name;
  return looksRussian(iconv.decode(sample, DOS_CYRILLIC)) ? DOS_CYRILLIC : (best?.name ?? 'windows-1252');
}

// The detector does not know the DOS code page; these letters are half of any Russian text.
function looksRussian(text: string): boolean {
  const foreign = text.match(/[^\p{ASCII}]/gu)?.length ?? 0;
  const frequent = text.match(/[оеаинтсрвл]/g)?.length ?? 0;
  return frequent > foreign * FREQUENT_LETTER_SHARE;
}
