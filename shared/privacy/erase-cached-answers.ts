import type { SemanticCache } from '../cache/semantic-cache.ts';
import type { Eraser } from './eraser.ts';

/** Answers to what a person asked. What was answered from the person's documents goes with these. */
export function createCachedAnswerEraser(cache: Pick<SemanticCache, 'forgetAsker'>): Eraser {
  return async (subject) => ({ 'vectors/semantic-cache': await cache.forgetAsker(subject) });
}
