import type { KnowledgeBase } from '../contracts/knowledge-bases.ts';

/** The models in whose spaces a knowledge base lives: its own, in which it is searched, and the one that it moves to. */
export function modelsOf({ embeddingModel, reindex }: Pick<KnowledgeBase, 'embeddingModel' | 'reindex'>): string[] {
  return [...new Set([embeddingModel, ...(reindex ? [reindex.model] : [])])];
}
