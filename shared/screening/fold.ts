const FOLDED_BELOW = 0x2100;
const FULL_WIDTH = { first: 0xff01, last: 0xff5e, offset: 0xfee0 };
const ASCII = /^[\0-\x7F]*$/;
const DECODED_AT_ONCE = 1 << 20;
/** Letters of other scripts that look like Latin ones, and what they look like. */
const LOOK_ALIKES = 'аa еe оo рp сc уy хx іi јj ѕs ԁd һh ӏl οo αa ιi νv ρp τt κk';
const QUOTES = '‘\'’\'‚\'“"”"„"«"»"‹\'›\'–-—-‐-‑-';

let table: Uint16Array | undefined;

/**
 * The text in the plain small letters that it is read as: without accents, full-width forms and look-alikes from other
 * scripts. Each unit becomes exactly one, so that a place in it is the place in the text.
 */
export function fold(text: string): string {
  if (ASCII.test(text)) return text.toLowerCase();
  table ??= makeTable();
  const units = new Uint16Array(text.length);
  for (let index = 0; index < units.length; index += 1) units[index] = table[text.charCodeAt(index)] ?? 0;
  const parts: string[] = [];
  for (let start = 0; start < units.length; start += DECODED_AT_ONCE) {
    const part = units.subarray(start, start + DECODED_AT_ONCE);
    parts.push(Buffer.from(part.buffer, part.byteOffset, part.byteLength).toString('utf16le'));
  }
  return parts.join('');
}

function makeTable(): Uint16Array {
  const folded = Uint16Array.from({ length: 0x10000 }, (_, unit) => unit);
  for (let unit = 0; unit < FOLDED_BELOW; unit += 1) {
    const [base = ''] = String.fromCharCode(unit).normalize('NFKD').toLowerCase();
    if (base.length === 1) folded[unit] = base.charCodeAt(0);
  }
  for (let unit = FULL_WIDTH.first; unit <= FULL_WIDTH.last; unit += 1) {
    const plain = String.fromCharCode(unit - FULL_WIDTH.offset).toLowerCase();
    folded[unit] = plain.charCodeAt(0);
  }
  for (const [from = '', to = ''] of LOOK_ALIKES.split(' ')) {
    folded[from.charCodeAt(0)] = to.charCodeAt(0);
    folded[from.toUpperCase().charCodeAt(0)] = to.charCodeAt(0);
  }
  for (let index = 0; index < QUOTES.length; index += 2) {
    folded[QUOTES.charCodeAt(index)] = QUOTES.charCodeAt(index + 1);
  }
  folded['ß'.charCodeAt(0)] = 's'.charCodeAt(0);
  return folded;
}
