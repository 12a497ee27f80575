import { z } from 'zod';
import { DocumentId, KnowledgeBaseId } from './identifiers.ts';
import { FindingKind } from './screening.ts';

/** A passage that an answer refers to by `[n]`, exact enough to be checked at its source. */
export const Citation = z
  .object({
    number: z.number().int().positive().meta({ description: 'The n of [n] in the answer' }),
    documentId: DocumentId,
    knowledgeBaseId: KnowledgeBaseId,
    documentName: z.string(),
    version: z.number().int().positive(),
    page: z.number().int().positive().nullable(),
    headingPath: z.array(z.string()),
    start: z.number().int().nonnegative().meta({ description: 'First character in the extracted text' }),
    end: z.number().int().nonnegative().meta({ description: 'One past the last character' }),
    snippet: z.string(),
    score: z.number(),
    flags: z
      .array(FindingKind)
      .optional()
      .meta({ description: 'What was found in the passage when it was screened; left out: nothing' }),
    url: z.string().meta({ description: 'Opens the source at its place' }),
  })
  .meta({ id: 'Citation' });
export type Citation = z.infer<typeof Citation>;

export const TokenUsage = z
  .object({
    inputTokens: z.number().int().nonnegative(),
    cachedInputTokens: z.number().int().nonnegative(),
    outputTokens: z.number().int().nonnegative(),
    costMicroUsd: z.number().int().nonnegative().meta({ description: 'Micro-dollars' }),
  })
  .meta({ id: 'TokenUsage' });
export type TokenUsage = z.infer<typeof TokenUsage>;

/** Whether an answer came from the semantic cache; `bypass`: it was not looked for there. */
export const CacheStatus = z.enum(['hit', 'miss', 'bypass']);
export type CacheStatus = z.infer<typeof CacheStatus>;

/** How well the passages that an answer cites support it. */
export const AnswerSupport = z
  .object({
    status: z.enum(['supported', 'partly', 'unsupported', 'nothing-cited', 'no-claims']).meta({
      description: '`no-claims`: it says nothing that could be checked, such as that the documents do not say',
    }),
    sentences: z.array(
      z.object({
        start: z.number().int().nonnegative().meta({ description: 'First character in the answer' }),
        end: z.number().int().nonnegative().meta({ description: 'One past the last character' }),
        citations: z.array(z.number().int().positive()).meta({ description: 'The numbers that it cites' }),
        isSupported: z.boolean(),
        score: z.number().min(0).max(1),
      }),
    ),
  })
  .meta({ id: 'AnswerSupport' });
export type AnswerSupport = z.infer<typeof AnswerSupport>;
