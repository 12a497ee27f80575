import { termsOf } from '../knowledge/lexical/english-terms.ts';
import type { Passage } from '../knowledge/passage.ts';
import { readableText } from '../knowledge/passages-to-read.ts';
import { type Reading, readingsIn } from './numbers.ts';
import { withPlainUnits } from './plain-units.ts';
import { isNegative } from './polarity.ts';
import { clausesOf, type Statement, statementsOf } from './statements.ts';

/** What a text says, in the form in which claims are compared with it. */
export interface Said {
  readonly text: string;
  readonly terms: ReadonlySet<string>;
  readonly isNegative: boolean;
}

export type ReadStatement = Statement & Said & { readonly readings: ReadonlySet<Reading> };

/** A passage, read once for all claims that cite it. */
export interface Source {
  /** Of the titles that it stands under and of its text. */
  readonly terms: ReadonlySet<string>;
  readonly readings: ReadonlySet<Reading>;
  readonly titles: string;
  readonly statements: readonly ReadStatement[];
  readonly clauses: readonly Said[];
}

/** A passage as the model saw it: with its surroundings, where it has any. */
export type SeenPassage = Pick<Passage, 'text' | 'documentName' | 'headingPath'> &
  Partial<Pick<Passage, 'tableHeader' | 'surroundings'>>;

export function readSource(passage: SeenPassage): Source {
  const titles = withPlainUnits([passage.documentName, ...passage.headingPath].join(' '));
  const text = withPlainUnits(readableText(passage));
  const statements = statementsOf(text);
  return {
    titles,
    terms: new Set(termsOf(`${titles}\n${text}`)),
    readings: readingsIn(`${titles}\n${text}`),
    statements: statements.map(({ text: each, isRow }) => ({ isRow, ...said(each), readings: readingsIn(each) })),
    clauses: statements.flatMap(({ text: each }) => clausesOf(each)).map(said),
  };
}

const said = (text: string): Said => ({ text, terms: new Set(termsOf(text)), isNegative: isNegative(text) });
