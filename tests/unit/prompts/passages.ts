import type { Passage } from '../../../shared/knowledge/passage.ts';

/** A passage of which only what a test is about is given. */
export function passage(facts: Partial<Passage> = {}): Passage {
  const scores = { score: 1, scores: { dense: 1, sparse: null } };
  const place = { knowledgeBaseId: 'kb', documentId: 'doc', version: 1, index: 0, page: null, start: 0, end: 1 };
  const texts = {
    id: 'chunk',
    documentName: 'a.md',
    headingPath: ['Part'],
    text: 'Text.',
    tableHeader: null,
    surroundings: null,
  };
  return { ...scores, ...place, ...texts, grants: ['tenant'], ...facts };
}
