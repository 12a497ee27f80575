import type { ChatTurn } from '../contracts/chat.ts';
import type { KnowledgeBase } from '../contracts/knowledge-bases.ts';
import type { Session } from '../contracts/sessions.ts';
import { AppError } from '../errors.ts';

/** Which of the visible knowledge bases a turn searches. @throws AppError `not_found` for a wanted one that is not there */
export function chooseKnowledgeBases(
  visible: readonly KnowledgeBase[],
  turn: ChatTurn,
  session: Session | null,
): readonly KnowledgeBase[] {
  const wanted = turn.knowledgeBaseIds;
  if (wanted?.some((id) => !visible.some((knowledgeBase) => knowledgeBase.id === id))) {
    throw new AppError('not_found', 'There is no such knowledge base.');
  }
  const ids = wanted ?? session?.knowledgeBaseIds;
  return ids ? visible.filter((knowledgeBase) => ids.includes(knowledgeBase.id)) : visible;
}
