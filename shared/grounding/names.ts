const WORD = /[\p{L}\p{N}][\p{L}\p{N}'’-]*/gu;
const CODE = /^(?=.*\p{L})(?=.*\d)/u;
const UPPER = /^\p{Lu}/u;
/** In German every noun is upper case, in a heading every word: then a capital says nothing. */
const MAX_UPPER_SHARE = 0.34;

/** Names and codes of a sentence in lower case: what is upper case inside of it, and what mixes letters and digits. */
export function namesOf(sentence: string): string[] {
  const words = sentence.normalize('NFKC').match(WORD) ?? [];
  const inside = words.slice(1);
  const upper = inside.filter((word) => UPPER.test(word));
  const tells = upper.length <= inside.length * MAX_UPPER_SHARE || inside.length < 4;
  const names = words.filter(
    (word, index) => CODE.test(word) || (tells && index > 0 && UPPER.test(word) && word.length > 1),
  );
  return [...new Set(names.map(bare))];
}

/** The names of a claim that a source does not have, in whatever case. */
export function missingNames(claim: string, source: string): string[] {
  const there = new Set((source.normalize('NFKC').match(WORD) ?? []).map(bare));
  return namesOf(claim).filter((name) => !there.has(name));
}

const bare = (word: string) => word.toLowerCase().replace(/['’]s$/u, '');
