import { backoff } from '../../backoff.ts';
import type { FeedbackScore, FeedbackScores } from '../../chat/feedback-scores.ts';
import type { LangfuseConfig } from '../../settings/telemetry-settings.ts';
import type { Logger } from '../../telemetry/logger.ts';
import { retry } from '../retry.ts';

const TIMEOUT_MILLISECONDS = 3_000;
const POLICY = { tries: 3, deadline: 10_000 };
const FIRST_PAUSE_MILLISECONDS = 500;
const LONGEST_PAUSE_MILLISECONDS = 4_000;
const MAX_UNDER_WAY = 100;

/** Feedback as scores of Langfuse's traces, by its public API. While Langfuse is down, at most 100 wait; others are logged and lost. */
export function createLangfuseScores(config: LangfuseConfig, log: Logger): FeedbackScores {
  const { baseUrl, publicKey, secretKey, environment } = config;
  const authorization = `Basic ${Buffer.from(`${publicKey}:${secretKey}`).toString('base64')}`;
  let underWay = 0;

  async function post(score: FeedbackScore): Promise<void> {
    const response = await fetch(`${baseUrl}/api/public/scores`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body: JSON.stringify({ ...toScore(score), environment }),
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MILLISECONDS),
    });
    await response.body?.cancel();
    if (!response.ok) throw new Error(`Langfuse answered ${response.status}.`);
  }

  return {
    send(score) {
      const { messageId } = score;
      if (underWay >= MAX_UNDER_WAY) return log.warn('a score was dropped: too many wait', { messageId });
      underWay += 1;
      const delayAfter = (_: unknown, attempt: number) =>
        backoff(attempt, FIRST_PAUSE_MILLISECONDS, LONGEST_PAUSE_MILLISECONDS);
      retry(() => post(score), { ...POLICY, delayAfter })
        .catch((error: unknown) => log.warn('a score could not be sent', { messageId, error }))
        .finally(() => {
          underWay -= 1;
        });
    },
  };
}

/** With an id of its answer, so that a changed mind replaces a score. */
const toScore = ({ messageId, sessionId, traceId, rating, comment }: FeedbackScore) => ({
  id: `feedback-${messageId}`,
  traceId,
  name: 'user-feedback',
  dataType: 'BOOLEAN',
  value: rating === 'up' ? 1 : 0,
  metadata: { sessionId, messageId },
  ...(comment !== undefined && { comment }),
});
