// Zero-width joiner and non-joiner stay: Persian, the Indic scripts and emoji need them to be read rightly.
const INVISIBLE =
  /[\u00AD\u061C\u180E\u200B\u200E\u200F\u202A-\u202E\u2060-\u206F\uFEFF\uFFF9-\uFFFB\uFFFE\uFFFF]|[\u{E0000}-\u{E0FFF}]/gu;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is to be removed
const CONTROLS = /[\u0000-\u0008\u000E-\u001F\u007F-\u0084\u0086-\u009F]/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: vertical tab is a line end
const LINE_ENDS = /\r\n?|[\u000B\f\u0085\u2028\u2029]/g;
const UNUSUAL_SPACES = /[\u00A0\u2000-\u200A\u202F\u205F\u3000]/g;
const LATIN_LIGATURES = /[\uFB00-\uFB06]/g;
const PRINTABLE_ASCII = /^[\n\t -~]*$/;

/**
 * Brings text into its canonical form: NFC, `\n` line ends, plain spaces, Latin ligatures spelled out, no lone
 * surrogates, no control characters and no invisible ones (which could hide instructions from a reader).
 */
export function cleanText(raw: string): string {
  if (PRINTABLE_ASCII.test(raw)) return raw;
  return raw
    .toWellFormed()
    .replace(LINE_ENDS, '\n')
    .replace(CONTROLS, '')
    .replace(INVISIBLE, '')
    .replace(UNUSUAL_SPACES, ' ')
    .replace(LATIN_LIGATURES, (ligature) => ligature.normalize('NFKC'))
    .normalize('NFC');
}
