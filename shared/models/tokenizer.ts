export interface TokenCounter {
  /** Tokens of the text in the o200k vocabulary; bounded in time for any input. */
  readonly count: (text: string) => number;
}

const LONGEST_CACHED_UNIT = 24;
const LONGEST_UNIT = 256;
const MAX_CACHED_UNITS = 100_000;
const SPACE = 0x20;
const APOSTROPHE = 0x27;

let loading: Promise<TokenCounter> | undefined;

/** Loads the o200k tokenizer on first use (about 140 ms and 112 MB) and shares it afterwards. */
export function loadTokenizer(): Promise<TokenCounter> {
  loading ??= import('gpt-tokenizer/encoding/o200k_base').then(({ countTokens }) => {
    // Text that spells a control token, such as <|endoftext|>, is text like any other.
    const asText = { disallowedSpecial: new Set<string>() };
    return createUnitCounter((text) => countTokens(text, asText));
  });
  return loading;
}

/**
 * Counts word by word and remembers short words, which is several times faster than the tokenizer alone.
 *
 * A unit is a word with the space before it, or marks with the white space after them: just where the vocabulary's own
 * split pattern parts text, so the sum is the count of the whole. Two exceptions count a token or so too many: a slash at the
 * start of a line, and words over 256 characters, which are cut because merging takes the square of a word's length.
 */
function createUnitCounter(countUnit: (text: string) => number): TokenCounter {
  const known = new Map<string, number>();
  const countLong = (text: string) => {
    let tokens = 0;
    for (let start = 0; start < text.length; ) {
      const end = cutBefore(text, start + LONGEST_UNIT);
      tokens += countUnit(text.slice(start, end));
      start = end;
    }
    return tokens;
  };
  const countShort = (unit: string) => {
    const remembered = known.get(unit);
    if (remembered !== undefined) return remembered;
    if (known.size >= MAX_CACHED_UNITS) known.clear();
    const tokens = countUnit(unit);
    known.set(unit, tokens);
    return tokens;
  };
  return {
    count: (text) => {
      let tokens = 0;
      for (let start = 0; start < text.length; ) {
        const end = unitEnd(text, start);
        const unit = text.slice(start, end);
        tokens += unit.length <= LONGEST_CACHED_UNIT ? countShort(unit) : countLong(unit);
        start = end;
      }
      return tokens;
    },
  };
}

function unitEnd(text: string, start: number): number {
  let end = start;
  while (end < text.length && isSpace(text.charCodeAt(end))) end += 1;
  for (let previous = 0; end < text.length; end += 1) {
    const code = text.charCodeAt(end);
    if (isSpace(code)) break;
    if (isMark(code) && isLetterOrDigit(previous)) return end;
    previous = code;
  }
  const wordEnd = end;
  while (end < text.length && isSpace(text.charCodeAt(end))) end += 1;
  const lastSpaceBelongsToNextWord = end < text.length && end > wordEnd && !isLineEnd(text.charCodeAt(end - 1));
  return lastSpaceBelongsToNextWord ? end - 1 : end;
}

// Of ASCII only, which is enough for speed; the apostrophe may belong to the word, as in "it's".
function isMark(code: number): boolean {
  return code > SPACE && code < 0x7f && code !== APOSTROPHE && !isLetterOrDigit(code);
}

function isLetterOrDigit(code: number): boolean {
  const lowerCase = code | 0x20;
  return (lowerCase >= 0x61 && lowerCase <= 0x7a && code >= 0x41) || (code >= 0x30 && code <= 0x39);
}

function isSpace(code: number): boolean {
  return code === SPACE || (code >= 0x09 && code <= 0x0d);
}

function isLineEnd(code: number): boolean {
  return code === 0x0a || code === 0x0d;
}

function cutBefore(text: string, end: number): number {
  const splitsPair = end < text.length && (text.charCodeAt(end - 1) & 0xfc00) === 0xd800;
  return splitsPair ? end - 1 : end;
}
