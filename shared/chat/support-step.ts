import type { AnswerSupport } from '../contracts/citations.ts';
import type { UiMessageChunk } from '../contracts/ui-message-stream.ts';
import type { CheckSupport } from '../grounding/answer-support.ts';
import { supportNotice } from '../grounding/support-notice.ts';
import { withSpan } from '../telemetry/span.ts';
import type { PreparedTurn } from './prepared-turn.ts';

/**
 * Checks what was said against the passages that it cites, and says so where the documents do not say it; null: nothing
 * was searched. What was said by then has been read, so it is marked and not taken back.
 */
export async function* supportStep(
  checkSupport: CheckSupport,
  {
    principal,
    answerId,
    searched,
    state,
    usage,
  }: Pick<PreparedTurn, 'principal' | 'answerId' | 'searched' | 'state' | 'usage'>,
  signal: AbortSignal,
): AsyncGenerator<UiMessageChunk, AnswerSupport | null> {
  if ((!searched && state.passages.length === 0) || state.text === '') return null;
  const { support, embedding } = await withSpan('check support', {}, () =>
    checkSupport(principal, state.text, state.passages, signal),
  );
  if (embedding) usage.add('embedding', embedding.model, embedding.usage);
  // What a tool gave needs no passage.
  const notice = state.calls === 0 ? supportNotice(support) : null;
  if (notice) {
    const id = `${answerId}-notice`;
    state.text += notice;
    yield { type: 'text-start', id };
    yield { type: 'text-delta', id, delta: notice };
    yield { type: 'text-end', id };
  }
  yield { type: 'data-support', data: support };
  return support;
}
