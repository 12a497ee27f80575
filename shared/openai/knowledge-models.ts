import type { KnowledgeBase } from '../contracts/knowledge-bases.ts';
import { AppError } from '../errors.ts';
import { unknownModel } from './choose-chat-model.ts';

const PREFIX = 'kb/';

/** Whether a model's name stands for a knowledge base. */
export const isKnowledgeModel = (model: string) => model.startsWith(PREFIX);

/** The names by which knowledge bases are asked: their own, or their ids where two have the same. */
export function knowledgeModelNames(visible: readonly KnowledgeBase[]): [name: string, knowledgeBase: KnowledgeBase][] {
  return visible.map((knowledgeBase) => {
    const isUnique = named(visible, knowledgeBase.name).length === 1;
    return [`${PREFIX}${isUnique ? knowledgeBase.name : knowledgeBase.id}`, knowledgeBase];
  });
}

/**
 * The knowledge base that a model's name stands for, by id or name, whatever the case.
 * @throws AppError `not_found` when it is none of the visible ones, or several.
 */
export function knowledgeBaseOf<K extends KnowledgeBase>(model: string, visible: readonly K[]): K {
  const wanted = model.slice(PREFIX.length);
  const byId = visible.find(({ id }) => id === wanted);
  const [only, ...others] = byId ? [byId] : named(visible, wanted);
  if (!only) throw unknownModel(model);
  if (others.length === 0) return only;
  const message = `Several knowledge bases are called ${wanted}. Ask for one by its id: \`kb/{id}\`.`;
  throw new AppError('not_found', message, { details: { code: 'model_not_found', param: 'model' } });
}

function named<K extends KnowledgeBase>(visible: readonly K[], wanted: string): K[] {
  return visible.filter(({ name }) => name.toLowerCase() === wanted.trim().toLowerCase());
}
