const RUN = /(?<![\w.,])\+?\(?\d(?:[ ./()\u2011-]{0,3}\d){6,30}(?!\d)/g;
const GROUP = /\d+/g;
const MAX_GROUPS = 8;

/** A number as people write it, perhaps in groups. */
export interface DigitRun {
  readonly start: number;
  readonly end: number;
  readonly text: string;
  readonly digits: string;
}

/** Runs of digits with at most three signs between them: phone numbers, cards, identity numbers. */
export function* digitRuns(text: string): Generator<DigitRun> {
  for (const { 0: run, index } of text.matchAll(RUN)) {
    yield { start: index, end: index + run.length, text: run, digits: run.replace(/\D/g, '') };
  }
}

/** The parts of a run that consecutive groups of it make: a row of a table may have put several numbers next to each other. */
export function* partsOf(run: DigitRun): Generator<DigitRun> {
  const groups = [...run.text.matchAll(GROUP)];
  for (const [first, { index: from }] of groups.entries()) {
    for (const { 0: group, index } of groups.slice(first, first + MAX_GROUPS)) {
      const text = run.text.slice(from, index + group.length);
      yield { start: run.start + from, end: run.start + index + group.length, text, digits: text.replace(/\D/g, '') };
    }
  }
}
