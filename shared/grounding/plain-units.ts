const UNITS: readonly (readonly [RegExp, string])[] = [
  [/€|\bEUR\b|\beuros?\b/giu, ' euro '],
  [/\$|\bUSD\b|\bdollars?\b/giu, ' dollar '],
  [/£|\bGBP\b|\bpounds?\b/giu, ' pound '],
  [/%|\bper ?cent\b|\bProzent\b|\bpour cent\b|\bpor ciento\b/giu, ' percent '],
  [/\b24\/7\b|\baround the clock\b|\brund um die Uhr\b/giu, ' always '],
];

/** A text in which signs, codes and names of the same unit are the same word. */
export function withPlainUnits(text: string): string {
  return UNITS.reduce((plain, [pattern, word]) => plain.replaceAll(pattern, word), text.normalize('NFKC'));
}
