import { INJECTION_RULES } from './injection-rules.ts';
import { wordBeginnings } from './word-beginnings.ts';

/** A place that speaks to the model, or looks as if. */
export interface Evidence {
  readonly rule: string;
  readonly weight: number;
  readonly start: number;
  readonly end: number;
}

const MAX_EVIDENCE = 2_000;
const LONGEST_SHOWN = 160;

const eachBeginning = wordBeginnings(
  INJECTION_RULES.map(({ rule, weight, begins, goesOn }) => {
    const pattern = new RegExp(`(?:${begins})(?:${goesOn})`, 'y');
    return [begins, { rule, weight, pattern }] as const;
  }),
);

/** What chat templates and prompts are built from, ours included. */
const MARKERS: readonly (readonly [pattern: RegExp, rule: string, weight: number])[] = [
  [
    /<\|(?:im_start|im_end|im_sep|system|user|assistant|endoftext|eot_id|start_header_id|end_header_id|begin_of_text)\|>/g,
    'role-marker',
    0.6,
  ],
  [
    /\[\/?inst\]|<<\/?sys>>|<\/?(?:start|end)_of_turn>|<\/?system(?:[_-](?:prompt|message|instructions?))?>|<\/(?:passage|passages|documents|instructions|question)>/g,
    'role-marker',
    0.6,
  ],
  [
    /!\[[^\]\n]{0,100}\]\(\s{0,2}https?:\/\/[^\s)]{1,300}[?&/=][\w-]{0,40}=?(?:\{|\$\{|<|\[|%7b|%5b)/g,
    'exfiltration',
    0.7,
  ],
];

/** Every place of a folded text that is evidence, in order; of a text that is nothing but evidence, some thousands. */
export function findEvidence(folded: string): Evidence[] {
  const found: Evidence[] = [];
  eachBeginning(folded, (start, { rule, weight, pattern }) => {
    if (found.length >= MAX_EVIDENCE) return;
    pattern.lastIndex = start;
    if (pattern.test(folded))
      found.push({ rule, weight, start, end: Math.min(pattern.lastIndex, start + LONGEST_SHOWN) });
  });
  for (const [pattern, rule, weight] of MARKERS) {
    for (const { 0: match, index } of folded.matchAll(pattern)) {
      if (found.length >= 2 * MAX_EVIDENCE) break;
      found.push({ rule, weight, start: index, end: index + match.length });
    }
  }
  return found.sort((a, b) => a.start - b.start);
}
