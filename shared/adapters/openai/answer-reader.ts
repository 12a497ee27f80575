import type { ModelOutcome } from '../../models/model-gateway.ts';
import type { ModelUsage } from '../../models/model-usage.ts';

/** How an answer that is whole ended. */
export type Ending = Pick<ModelOutcome, 'finishReason' | 'usage'>;

/** Reads an answer while its bytes come. Both methods throw AttemptError when the answer is none. */
export interface AnswerReader {
  /** Whether no other deployment need be asked. */
  readonly hasBegun: boolean;
  /** Whether all of it is there although the connection is open. */
  readonly isDone: boolean;
  read(chunk: Buffer): void;
  /** No more bytes come. */
  end(): Ending;
  /** What a broken answer took. */
  usageSoFar(): ModelUsage;
}
