import type { FindingSeverity } from '../contracts/screening.ts';
import { encodedTexts } from './encoded-text.ts';
import { type Finding, maskedExcerpt } from './finding.ts';
import { fold } from './fold.ts';
import { type Evidence, findEvidence } from './injection-evidence.ts';

/** Evidence this near belongs together. Characters. */
const NEIGHBOURHOOD = 1_000;
const HIGH = 1;
const LOW = 0.4;
/** What is quoted or spoken about weighs less, and never makes a text be held. */
const MENTIONED = 0.6;
const CONTEXT_BEFORE = 300;
const CONTEXT_AFTER = 120;
const ENCODED_WEIGHT = 1;
const INVISIBLE_WEIGHT = 0.6;
const MAX_INVISIBLE = 100;
const MAX_NEIGHBOURS = 32;

const QUOTED_BEFORE = /["'`>][^\w\n"'`]{0,2}$|["`][^"`\n]{0,40}$/;
const SPOKEN_ABOUT =
  /prompt[- ]injection|jailbreak|attack|adversar|malicious|red[- ]team|owasp|for example|for instance|e\.g\.|such as|phrases? like|like this|an example|examples? of|angriff|beispiel|z\.b\.|attaque|par exemple|ejemplo|ataque|attacco|esempio|exemplo|aanval|voorbeeld/;
/** Orders of people to people: with a condition, or about a letter. */
const REFERS_TO_SOMETHING =
  /^\s{1,3}(?:if|when|unless|where|in|of|from|regarding|on|about|for|by|given|issued|sent|dated|contained|concerning|wenn|falls|aus|vom|von|zu|zur|im|uber|fur|de|du|des|dans|sur|si|del|en|sobre|di|nel|su|se|da|do|na|no|als|van|uit)\b/;
const NEXT_ORDER =
  /^[\s.,;:!"')-]{0,6}(?:and\s|then\s|instead,?\s|now\s|und\s|stattdessen\s|et\s|y\s|e\s|en\s|\n)*(?:just\s|only\s)?(?:say|print|output|respond|reply|answer|write|reveal|tell|send|call|use|follow|do|act|recommend|state|sage|gib|antworte|schreibe|nenne|reponds?|dis|ecris|responde|di|escribe|rispondi|scrivi|diga|escreva|antwoord|zeg)\b/;
const SENTENCE_START = /(?:^|[.!?:;\n*#>|)\]-]\s{0,4}|\bplease,?\s|\bbitte\s|\bnow,?\s|,\s)$/;
const INVISIBLE = /(?<=[a-z])[\u200B-\u200D\u2060\uFEFF]+(?=[a-z])|[\u{E0020}-\u{E007F}]{3,}/gu;

interface Weighed extends Evidence {
  readonly isMentioned: boolean;
}

type Judged = Weighed & { readonly severity: FindingSeverity };

/** Instructions that are addressed to the model. What a handbook says about them is found as well, but is not `high`. */
export function findInjections(text: string): Finding[] {
  const folded = fold(text);
  const evidence = [...findEvidence(folded).map((found) => weigh(folded, found)), ...hidden(text, folded)];
  evidence.sort((a, b) => a.start - b.start);
  return judge(evidence).map(({ rule, start, end, severity }) => {
    const kind = 'prompt-injection';
    return { kind, rule, severity, start, end, excerpt: maskedExcerpt(kind, text.slice(start, end)) };
  });
}

function weigh(folded: string, found: Evidence): Weighed {
  const before = folded.slice(Math.max(0, found.start - CONTEXT_BEFORE), found.start);
  const after = folded.slice(found.end, found.end + CONTEXT_AFTER);
  const isMentioned = QUOTED_BEFORE.test(before.slice(-44)) || SPOKEN_ABOUT.test(before) || SPOKEN_ABOUT.test(after);
  if (isMentioned) return { ...found, weight: found.weight * MENTIONED, isMentioned };
  const isOrder =
    found.rule === 'override-instructions' &&
    (NEXT_ORDER.test(after) || (SENTENCE_START.test(before.slice(-8)) && !REFERS_TO_SOMETHING.test(after)));
  return { ...found, weight: isOrder ? HIGH : found.weight, isMentioned };
}

/** What no reader sees: orders in base64, and characters without a shape within words. */
function hidden(text: string, folded: string): Weighed[] {
  const found: Weighed[] = [];
  for (const { start, end, text: decoded } of encodedTexts(text)) {
    if (findEvidence(fold(decoded)).length > 0)
      found.push({ rule: 'encoded-instructions', weight: ENCODED_WEIGHT, start, end, isMentioned: false });
  }
  for (const { 0: match, index } of folded.matchAll(INVISIBLE)) {
    const end = index + match.length;
    found.push({ rule: 'invisible-text', weight: INVISIBLE_WEIGHT, start: index, end, isMentioned: false });
    if (found.length >= MAX_INVISIBLE) break;
  }
  return found;
}

/** Adds up, for each place, the rules around it, each rule once. */
function judge(evidence: readonly Weighed[]): Judged[] {
  return evidence.flatMap((found, index): Judged[] => {
    const near = evidence
      .slice(Math.max(0, index - MAX_NEIGHBOURS), index + MAX_NEIGHBOURS)
      .filter(({ start }) => Math.abs(start - found.start) <= NEIGHBOURHOOD);
    const meant = score(near.filter(({ isMentioned }) => !isMentioned));
    if (!found.isMentioned && meant >= HIGH) return [{ ...found, severity: 'high' }];
    return (found.isMentioned ? score(near) : meant) >= LOW ? [{ ...found, severity: 'low' }] : [];
  });
}

function score(evidence: readonly Weighed[]): number {
  const weights = new Map<string, number>();
  for (const { rule, weight } of evidence) weights.set(rule, Math.max(weight, weights.get(rule) ?? 0));
  return [...weights.values()].reduce((total, weight) => total + weight, 0);
}
