import type { FindingKind, FindingSeverity } from '../contracts/screening.ts';

/** Something that was found in a text. It never carries what was found, only how it begins. */
export interface Finding {
  readonly kind: FindingKind;
  readonly rule: string;
  readonly severity: FindingSeverity;
  /** Span in the text, in UTF-16 units, half-open. */
  readonly start: number;
  readonly end: number;
  readonly excerpt: string;
}

/** How much of a match may be shown: enough to know it again, too little to use it. */
const SHOWN = { secret: 4, 'personal-data': 4, 'prompt-injection': 32 } as const;
const LARGEST_SHARE = { secret: 0.25, 'personal-data': 0.25, 'prompt-injection': 0.5 } as const;

/** The beginning of a match on one line, never the whole of it. */
export function maskedExcerpt(kind: FindingKind, match: string): string {
  const characters = Array.from(match.slice(0, 2 * SHOWN[kind]));
  const shown = Math.min(SHOWN[kind], Math.floor(match.length * LARGEST_SHARE[kind]));
  return `${characters.slice(0, shown).join('').replace(/\s+/g, ' ')}…`;
}
