import { z } from 'zod';
import { ChatAnswer } from './chat.ts';
import { Citation, TokenUsage } from './citations.ts';
import { KnowledgeBaseId, MessageId, RunId, SessionId, Timestamp } from './identifiers.ts';

const MAX_TITLE_CHARACTERS = 120;
const MAX_MODEL_CHARACTERS = 100;
const MAX_COMMENT_CHARACTERS = 2_000;

export const Session = z
  .object({
    id: SessionId,
    title: z.string(),
    knowledgeBaseIds: z.array(KnowledgeBaseId).nullable().meta({ description: 'null: all that the owner may see' }),
    model: z.string().nullable().optional().meta({
      description: 'The model, or `auto`, that answers where a turn names none. null: the default of your tenant',
    }),
    messageCount: z.number().int().nonnegative(),
    createdAt: Timestamp,
    updatedAt: Timestamp,
  })
  .meta({ id: 'Session' });
export type Session = z.infer<typeof Session>;

export const UpdateSession = z
  .strictObject({
    title: z.string().trim().min(1).max(MAX_TITLE_CHARACTERS).optional(),
    model: z.string().min(1).max(MAX_MODEL_CHARACTERS).nullable().optional(),
  })
  .refine(({ title, model }) => title !== undefined || model !== undefined, 'must change something');
export type UpdateSession = z.infer<typeof UpdateSession>;

export const Feedback = z
  .strictObject({
    rating: z.enum(['up', 'down']),
    comment: z.string().max(MAX_COMMENT_CHARACTERS).optional(),
  })
  .meta({ id: 'Feedback' });
export type Feedback = z.infer<typeof Feedback>;

export const Message = z
  .object({
    id: MessageId,
    sessionId: SessionId,
    role: z.enum(['user', 'assistant']),
    text: z.string(),
    createdAt: Timestamp,
    runId: RunId,
    citations: z.array(Citation),
    model: z.string().nullable(),
    finishReason: ChatAnswer.shape.finishReason.nullable(),
    usage: TokenUsage.nullable(),
    feedback: Feedback.nullable(),
    traceId: z.string().optional().meta({ description: 'Of the trace in which an answer was made' }),
  })
  .meta({ id: 'Message' });
export type Message = z.infer<typeof Message>;
