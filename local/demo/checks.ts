import type { Screen } from './screen.ts';

/** A failure may take several lines; what went well only what is left of one. */
const MAX_FAILURE_CHARACTERS = 400;
const MIN_FOUND_CHARACTERS = 24;
const FRAME = '  ✓  (found: )'.length;

/** What the demo expects, and whether it was so. */
export interface Checks {
  /** Notes and prints one expectation with what was found. */
  expect(expectation: string, isMet: boolean, found: string): void;
  readonly count: number;
  readonly failures: readonly string[];
}

export function createChecks(screen: Screen): Checks {
  const failures: string[] = [];
  let count = 0;
  return {
    expect(expectation, isMet, found) {
      count += 1;
      const room = Math.max(MIN_FOUND_CHARACTERS, screen.width - expectation.length - FRAME);
      const shown = shorten(found, isMet ? room : MAX_FAILURE_CHARACTERS);
      if (!isMet) failures.push(`expected: ${expectation}; found: ${shown}`);
      const mark = isMet ? screen.paint('green', '✓') : screen.paint('red', '✗');
      screen.line(`  ${mark} ${expectation} ${screen.paint(isMet ? 'dim' : 'red', `(found: ${shown})`)}`);
    },
    get count() {
      return count;
    },
    failures,
  };
}

/** One line of at most so many characters. */
export function shorten(text: string, maxCharacters: number): string {
  const flat = text.replace(/\s+/g, ' ').trim();
  return flat.length <= maxCharacters ? flat : `${flat.slice(0, maxCharacters - 1).trimEnd()}…`;
}
