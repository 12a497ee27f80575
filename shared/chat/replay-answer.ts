import type { CachedAnswer } from '../cache/cached-answer.ts';
import { replayedText } from '../cache/replayed-text.ts';
import type { UiMessageChunk } from '../contracts/ui-message-stream.ts';
import type { AgentEnding } from './agent-run.ts';
import { sourceChunk } from './cite-passages.ts';
import type { PreparedTurn } from './prepared-turn.ts';

/** Gives a cached answer as if it were being written: no model is asked. */
export async function* replayAnswer(
  { answerId: id, state, usage }: Pick<PreparedTurn, 'answerId' | 'state' | 'usage'>,
  { text, citations, model, support, usage: spared }: CachedAnswer,
): AsyncGenerator<UiMessageChunk, AgentEnding> {
  usage.add('cache-hit', model, spared);
  yield { type: 'data-cache', data: { status: 'hit', savedMicroUsd: spared.costMicroUsd } };
  yield { type: 'start-step' };
  yield { type: 'text-start', id };
  for (const delta of replayedText(text)) {
    state.text += delta;
    yield { type: 'text-delta', id, delta };
  }
  for (const citation of citations) {
    state.citations.push(citation);
    yield sourceChunk(citation);
  }
  yield { type: 'text-end', id };
  yield { type: 'finish-step' };
  if (support) yield { type: 'data-support', data: support };
  return 'stop';
}
