import type { MessageId, SessionId } from '../contracts/identifiers.ts';
import type { Feedback } from '../contracts/sessions.ts';

/** What a person thinks of an answer, for whoever watches the quality of answers. */
export interface FeedbackScore {
  readonly messageId: MessageId;
  readonly sessionId: SessionId;
  /** The trace that made the answer. */
  readonly traceId: string;
  readonly rating: Feedback['rating'];
  /** Left out unless the tenant's policy lets traces hold text. */
  readonly comment?: string;
}

export interface FeedbackScores {
  /** Passes a score on, later ones in place of earlier ones of the same answer. Never fails, and nobody waits for it. */
  send(score: FeedbackScore): void;
}

/** For where nobody is to be told. */
export const noFeedbackScores: FeedbackScores = { send: () => undefined };
