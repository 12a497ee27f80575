import type { ChatTurn } from '../contracts/chat.ts';
import type { Session } from '../contracts/sessions.ts';
import { AppError } from '../errors.ts';
import type { SearchableKnowledgeBase } from '../knowledge/knowledge-content.ts';

/** Which of the visible knowledge bases a turn searches. @throws AppError `not_found` for a wanted one that is not there */
export function chooseKnowledgeBases(
  visible: readonly SearchableKnowledgeBase[],
  turn: ChatTurn,
  session: Session | null,
): readonly SearchableKnowledgeBase[] {
  const wanted = turn.knowledgeBaseIds;
  if (wanted?.some((id) => !visible.some((knowledgeBase) => knowledgeBase.id === id))) {
    throw new AppError('not_found', 'There is no such knowledge base.');
  }
  const ids = wanted ?? session?.knowledgeBaseIds;
  return ids ? visible.filter((knowledgeBase) => ids.includes(knowledgeBase.id)) : visible;
}
