import type { FieldSchema } from './payload-index.ts';

type Tokenizer = (text: string) => string[];

const byWhitespace: Tokenizer = (text) => text.split(/\s+/).filter(Boolean);
const byWord: Tokenizer = (text) => text.split(/[^\p{L}\p{N}]+/u).filter(Boolean);

/**
 * Full-text match: every word of the query is in the value. Without a text index Qdrant looks for the query as a
 * substring instead. Stop words, stemming and token lengths of a text index are not imitated.
 */
export function createTextMatcher(query: string, schema: FieldSchema | undefined): (text: string) => boolean {
  if (schema?.type !== 'text') return (text) => text.includes(query);
  const { tokenizer, lowercase = true } = schema.parameters ?? {};
  const tokenize = tokenizer === 'whitespace' ? byWhitespace : byWord;
  const fold = (text: string): string => (lowercase === false ? text : text.toLowerCase());
  const wanted = tokenize(fold(query));
  if (wanted.length === 0) return () => false;
  return (text) => {
    const words = tokenize(fold(text));
    if (tokenizer === 'prefix') return wanted.every((prefix) => words.some((word) => word.startsWith(prefix)));
    const known = new Set(words);
    return wanted.every((word) => known.has(word));
  };
}
