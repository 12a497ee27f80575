import { z } from 'zod';
import { Access } from './access.ts';
import { KnowledgeBaseId, PrincipalId, Timestamp } from './identifiers.ts';

export const Chunking = z
  .strictObject({
    strategy: z.enum(['fixed', 'paragraph', 'structure']).default('structure'),
    maxTokens: z.number().int().min(50).max(2_000).default(400),
    overlapTokens: z.number().int().min(0).max(500).default(60),
    surroundingTokens: z.number().int().min(0).max(4_000).default(0).meta({
      description:
        'What a passage and the text around it that a model gets with it have together; 0: the passage alone',
    }),
  })
  .refine((chunking) => chunking.overlapTokens < chunking.maxTokens / 2, {
    path: ['overlapTokens'],
    message: 'must be less than half of maxTokens',
  })
  .refine(({ surroundingTokens, maxTokens }) => surroundingTokens === 0 || surroundingTokens > maxTokens, {
    path: ['surroundingTokens'],
    message: 'must be 0, or more than maxTokens',
  })
  .meta({ id: 'Chunking' });
export type Chunking = z.infer<typeof Chunking>;

/** A move to another embedding model that is under way. */
const Reindex = z.object({
  model: z.string().meta({ description: 'Where it moves to' }),
  startedAt: Timestamp,
  documents: z.number().int().nonnegative().meta({ description: 'Documents that can be found' }),
  done: z.number().int().nonnegative().meta({ description: 'Those of them that are there already' }),
});

const Name = z.string().trim().min(1).max(100);
const Description = z.string().trim().max(1_000);

export const KnowledgeBase = z
  .object({
    id: KnowledgeBaseId,
    name: Name,
    description: Description,
    access: Access,
    chunking: Chunking,
    embeddingModel: z
      .string()
      .meta({ description: 'The model that its documents and questions to it are embedded by' }),
    reindex: Reindex.nullish().meta({ description: 'null: it is not being moved to another embedding model' }),
    createdBy: PrincipalId,
    createdAt: Timestamp,
    updatedAt: Timestamp,
  })
  .meta({ id: 'KnowledgeBase' });
export type KnowledgeBase = z.infer<typeof KnowledgeBase>;

export const CreateKnowledgeBase = z
  .strictObject({
    name: Name,
    description: Description.default(''),
    access: Access.default({ visibility: 'tenant', users: [], groups: [], roles: [] }),
    chunking: Chunking.default({ strategy: 'structure', maxTokens: 400, overlapTokens: 60, surroundingTokens: 0 }),
  })
  .meta({ id: 'CreateKnowledgeBase' });
export type CreateKnowledgeBase = z.infer<typeof CreateKnowledgeBase>;

export const UpdateKnowledgeBase = z
  .strictObject({
    name: Name.optional(),
    description: Description.optional(),
    access: Access.optional(),
    chunking: Chunking.optional().meta({ description: 'Used for documents that are processed from now on' }),
  })
  .meta({ id: 'UpdateKnowledgeBase' });
export type UpdateKnowledgeBase = z.infer<typeof UpdateKnowledgeBase>;
