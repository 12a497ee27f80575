import { constants, inflateRawSync } from 'node:zlib';

const HEAD_BYTES = 1_000;
const LARGEST_TOTAL_BYTES = 32 * 1024 * 1024;
const WHITEST = 0.97;
const NUMBERS_BEFORE = 60;
/** Pictures, fonts, and what only the reader of the file uses. */
const NO_DRAWING =
  /\/Subtype\s*\/(?:Image|Type1C|CIDFontType0C|OpenType|XML)\b|\/Length1\b|\/Type\s*\/(?:ObjStm|XRef|Metadata|EmbeddedFile)\b|\/Alternate\b/;
const OPERATORS = /(?<=[\s\])>])(?:(g|rg|k|scn?)|(q)|(Q)|(Tj|TJ|['"]|Do))(?=[\s[(/<]|$)/g;

/**
 * Whether any text of a PDF may be drawn in white, by a quick look at what its pages draw: only then is it worth reading
 * in which colours. True where that cannot be seen (encrypted, or packed in an unusual way), false for a file that draws
 * too much to be looked into.
 */
export function mayShowWhiteText(bytes: Uint8Array): boolean {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (file.includes('/Encrypt')) return true;
  let total = 0;
  let isWhite = false;
  for (let at = file.indexOf('stream'); at !== -1; at = file.indexOf('stream', at + 6)) {
    const head = file.toString('latin1', Math.max(0, at - HEAD_BYTES), at);
    const dictionary = head.slice(head.lastIndexOf(' obj') + 1);
    if (dictionary.endsWith('end') || NO_DRAWING.test(dictionary)) continue;
    const end = file.indexOf('endstream', at);
    const content = contentOf(dictionary, file.subarray(at + 6, end === -1 ? file.length : end));
    total += content?.length ?? 0;
    if (total > LARGEST_TOTAL_BYTES) return false;
    isWhite ||= content === null || showsInWhite(content);
  }
  return isWhite;
}

/** Null when it is packed in another way than nearly all files are. */
function contentOf(dictionary: string, data: Buffer): string | null {
  const content = data.subarray(data[0] === 0x0d ? 2 : 1);
  if (!/\/F(?:ilter)?\b/.test(dictionary)) return content.toString('latin1');
  if (!isZlib(content)) return null;
  try {
    // Without its head and checksum, which are often wrong.
    const options = { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: LARGEST_TOTAL_BYTES };
    return inflateRawSync(content.subarray(2), options).toString('latin1');
  } catch {
    return null;
  }
}

function isZlib([method = 0, flags = 0]: Uint8Array): boolean {
  return (method & 15) === 8 && (method * 256 + flags) % 31 === 0;
}

function showsInWhite(content: string): boolean {
  const saved: boolean[] = [];
  let white = false;
  for (const { index, 1: fill, 2: save, 3: restore } of content.matchAll(OPERATORS)) {
    if (fill) white = isWhiteFill(fill, content.slice(Math.max(0, index - NUMBERS_BEFORE), index));
    else if (save) saved.push(white);
    else if (restore) white = saved.pop() ?? white;
    else if (white) return true;
  }
  return false;
}

function isWhiteFill(operator: string, before: string): boolean {
  const numbers = /(?:[-+.\d]+\s+){1,4}$/.exec(before)?.[0].trim().split(/\s+/).map(Number) ?? [];
  const isCmyk = operator === 'k' || (operator.startsWith('sc') && numbers.length === 4);
  if (isCmyk) return numbers.every((ink) => ink <= 1 - WHITEST);
  const components = operator === 'g' ? 1 : operator === 'rg' ? 3 : numbers.length;
  return components > 0 && numbers.slice(-components).every((light) => light >= WHITEST);
}
