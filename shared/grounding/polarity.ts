/** Says what is not rather than how something is limited. */
const IDIOMS =
  /\b(?:not only|no (?:later|more|less|fewer|earlier) than|whether or not|if not|no\.\s*(?=\d)|not\b[^.,;]{0,30}\b(?:before|until|earlier than)|nicht\b[^.,;]{0,30}\b(?:vor|bis)|nicht nur|nicht (?:mehr|später|länger) als|non seulement|no solo|no más de)\b/giu;
const NEGATIVE =
  /(?<!\p{L})(?:not|cannot|no|none|nobody|nothing|never|neither|nor|without|\p{L}+n['’]t|forbidden|prohibited|banned|disallowed|excluded|ineligible|refused|unable|impossible|unless|except|nicht|kein\p{L}*|nie(?:mals|mand\p{L}*)?|ohne|verboten|untersagt|ausgeschlossen|pas|jamais|aucune?|sans|interdit\p{L}*|nunca|sin|ning[uú]n\p{L}*|prohibid\p{L}*|non|mai|senza|vietat\p{L}*|niet|geen|nooit|zonder)(?!\p{L})/giu;

/** Whether a sentence denies something: an odd number of negations, as two of them cancel out. */
export function isNegative(sentence: string): boolean {
  const negations = sentence.normalize('NFKC').replaceAll(IDIOMS, ' ').match(NEGATIVE) ?? [];
  return negations.length % 2 === 1;
}
