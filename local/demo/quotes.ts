const WORD = /[\p{L}\p{N}]+/gu;
const MARKER = /\[(\d{1,3})\]/;

/** The sentences of an answer that are followed by the marker `[number]`. */
export function quotesOf(answer: string, number: number): string[] {
  // Splitting by a pattern with a group gives text and number in turn.
  const parts = answer.split(MARKER);
  return parts.flatMap((part, index) => {
    const isFollowedBy = index % 2 === 0 && parts[index + 1] === String(number);
    return isFollowedBy && part.trim() ? [part.trim()] : [];
  });
}

/**
 * Tells whether a sentence stands in a text, whatever its markup and line breaks. A quoted list or table row is put
 * together from parts with `:` and `;`; each of them must be there.
 */
export function isQuotedFrom(quote: string, text: string): boolean {
  const haystack = ` ${wordsOf(text)} `;
  const parts = quote
    .split(/[:;](?=\s|$)/)
    .map(wordsOf)
    .filter(Boolean);
  return parts.length > 0 && parts.every((part) => haystack.includes(` ${part} `));
}

const EXCERPT_WORDS = 3;
const BEFORE_EXCERPT = 24;

/** A text from shortly before a quoted sentence on; from its beginning when the sentence is not there word by word. */
export function excerptAround(quote: string, text: string): string {
  const words = (quote.match(WORD) ?? []).slice(0, EXCERPT_WORDS);
  const at = words.length === 0 ? -1 : text.search(new RegExp(words.join('[^\\p{L}\\p{N}]+'), 'iu'));
  if (at <= BEFORE_EXCERPT) return text;
  const before = text.indexOf(' ', at - BEFORE_EXCERPT);
  return `…${text.slice(before < at ? before + 1 : at)}`;
}

const wordsOf = (text: string) => (text.normalize('NFC').match(WORD) ?? []).join(' ').toLowerCase();
