import { z } from 'zod';
import { AnswerSupport, Citation, TokenUsage } from '../contracts/citations.ts';

/** An answer as it is kept; what an older release kept in another shape is not read. */
export const CachedAnswer = z.object({
  question: z.string(),
  text: z.string().min(1),
  citations: z.array(Citation),
  model: z.string(),
  /** What it took when it was made: what giving it again saves. */
  usage: TokenUsage,
  support: AnswerSupport.nullable(),
  title: z.string().nullable(),
  /** All passages that the model saw, cited or not. */
  passageIds: z.array(z.string()),
});
export type CachedAnswer = z.infer<typeof CachedAnswer>;
