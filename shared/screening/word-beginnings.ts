const LETTERS = 4;
const BITS = 5;
const SPACE = 27;
const OTHER = 28;
const ASCII = 128;
const isWordUnit = new Uint8Array(ASCII);
const codes = new Uint8Array(ASCII).fill(OTHER);
for (let unit = 0; unit < ASCII; unit += 1) {
  const letter = String.fromCharCode(unit);
  if (/\w/.test(letter)) isWordUnit[unit] = 1;
  if (/[a-z]/.test(letter)) codes[unit] = unit - 0x60;
  if (/\s/.test(letter)) codes[unit] = SPACE;
}

const ANY = Array.from({ length: OTHER + 1 }, (_, code) => code);

const codeOf = (unit: number) => (unit < ASCII ? (codes[unit] ?? OTHER) : OTHER);

/** Gives each place where one of many phrases may begin. */
export type WordBeginnings<T> = (folded: string, visit: (start: number, value: T) => void) => void;

/**
 * Looks at the first four letters of every word, so that of a hundred patterns the few that can fit are tried.
 * @param phrases each with how it begins, as alternatives of a regular expression.
 */
export function wordBeginnings<T>(phrases: readonly (readonly [begins: string, value: T])[]): WordBeginnings<T> {
  const byKey = new Map<number, { letters: string; value: T }[]>();
  const isKnown = new Uint8Array(1 << (LETTERS * BITS));
  for (const [begins, value] of phrases) {
    for (const letters of new Set(begins.split('|').map(plainLetters))) {
      for (const key of keysOf(letters)) {
        byKey.set(key, [...(byKey.get(key) ?? []), { letters, value }]);
        isKnown[key] = 1;
      }
    }
  }
  return (folded, visit) => {
    const visitAll = (start: number, known: readonly { letters: string; value: T }[]) => {
      for (const { letters, value } of known) if (folded.startsWith(letters, start)) visit(start, value);
    };
    let wasWord = false;
    for (let index = 0; index < folded.length; index += 1) {
      const unit = folded.charCodeAt(index);
      const isWord = unit < ASCII && isWordUnit[unit] === 1;
      if (isWord && !wasWord) {
        const key =
          (codeOf(unit) << (3 * BITS)) |
          (codeOf(folded.charCodeAt(index + 1)) << (2 * BITS)) |
          (codeOf(folded.charCodeAt(index + 2)) << BITS) |
          codeOf(folded.charCodeAt(index + 3));
        if (isKnown[key] === 1) visitAll(index, byKey.get(key) ?? []);
      }
      wasWord = isWord;
    }
  };
}

/** How an alternative begins for certain, up to its first sign that is no letter. */
function plainLetters(begin: string): string {
  const [plain = ''] = /^[a-z ]*/.exec(begin) ?? [];
  const isLastOptional = /^[?*[({]/.test(begin.slice(plain.length));
  return isLastOptional ? plain.slice(0, -1) : plain;
}

/** Every key that a phrase can have: where it begins with fewer than four letters, any may follow. */
function keysOf(letters: string): number[] {
  let keys = [0];
  for (let position = 0; position < LETTERS; position += 1) {
    const letter = letters[position];
    const next = letter === undefined ? ANY : [codeOf(letter.charCodeAt(0))];
    keys = keys.flatMap((key) => next.map((code) => (key << BITS) | code));
  }
  return keys;
}
