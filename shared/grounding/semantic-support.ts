import type { EmbeddingModel } from '../models/embedding-model.ts';
import type { ModelUser } from '../models/model-gateway.ts';
import type { Source } from './source.ts';

const SENTENCES_PER_WINDOW = 2;
const MAX_WINDOW_CHARACTERS = 800;
/** One request to the embedding model. */
const MAX_TEXTS = 64;

export interface Comparison {
  readonly claim: string;
  readonly sources: readonly Source[];
}

export interface SemanticSupport {
  /** For each comparison the cosine of the closest window; null: there was no room for it. */
  readonly similarities: readonly (number | null)[];
  readonly inputTokens: number;
}

/** Compares claims with windows of what they cite, all in one call of the embedding model. */
export async function semanticSupport(
  model: EmbeddingModel,
  user: ModelUser,
  comparisons: readonly Comparison[],
  signal: AbortSignal,
): Promise<SemanticSupport> {
  const texts: string[] = [];
  const positions = new Map<string, number>();
  const positionOf = (text: string) => {
    const position = positions.get(text) ?? (texts.length < MAX_TEXTS ? texts.push(text) - 1 : undefined);
    if (position !== undefined) positions.set(text, position);
    return position;
  };
  const planned = comparisons.map(({ claim, sources }) => ({
    claim: positionOf(claim),
    windows: sources.flatMap(windowsOf).flatMap((window) => positionOf(window) ?? []),
  }));
  if (texts.length === 0) return { similarities: [], inputTokens: 0 };
  const { vectors, inputTokens } = await model.embed(user, texts, signal);
  const similarities = planned.map(({ claim, windows }) => {
    const vector = claim === undefined ? undefined : vectors[claim];
    if (!vector || windows.length === 0) return null;
    return Math.max(...windows.map((window) => cosine(vector, vectors[window] ?? [])));
  });
  return { similarities, inputTokens };
}

/** A claim is short, so it is compared with little at once. */
function windowsOf({ statements, titles }: Source): string[] {
  const sentences = statements.map(({ text }) => text);
  const windows: string[] = [];
  for (let first = 0; first < sentences.length; first += SENTENCES_PER_WINDOW) {
    const window = sentences.slice(first, first + SENTENCES_PER_WINDOW).join(' ');
    windows.push(`${titles}\n${window}`.trim().slice(0, MAX_WINDOW_CHARACTERS));
  }
  return windows;
}

function cosine(one: readonly number[], other: readonly number[]): number {
  let product = 0;
  let [ownLength, otherLength] = [0, 0];
  for (let index = 0; index < one.length; index += 1) {
    const [a, b] = [one[index] ?? 0, other[index] ?? 0];
    product += a * b;
    ownLength += a * a;
    otherLength += b * b;
  }
  return ownLength === 0 || otherLength === 0 ? 0 : product / Math.sqrt(ownLength * otherLength);
}
