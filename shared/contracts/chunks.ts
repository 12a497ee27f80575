import { z } from 'zod';
import { DocumentId } from './identifiers.ts';
import { PageQuery, pageOf } from './paging.ts';

const MAX_QUERY_CHARACTERS = 4_000;
const MAX_PREVIEW_CHARACTERS = 100_000;
const DEFAULT_PREVIEW_CHARACTERS = 20_000;

const position = z.coerce.number().int().nonnegative();
const Version = z.coerce
  .number()
  .int()
  .positive()
  .optional()
  .meta({ description: 'Left out: the one that answers come from' });

export const ChunksQuery = PageQuery.extend({
  version: Version,
  query: z
    .string()
    .trim()
    .min(1)
    .max(MAX_QUERY_CHARACTERS)
    .optional()
    .meta({ description: 'A question, to see how well each chunk fits it, and why' }),
});
export type ChunksQuery = z.infer<typeof ChunksQuery>;

const Term = z.object({
  term: z.string(),
  weight: z.number().meta({ description: 'As indexed: how often it comes, for the length of the text (BM25)' }),
});

const MatchedTerm = Term.extend({
  score: z.number().nullable().meta({
    description: 'What it adds to the sparse score: more for a rare term. null: the question has too many',
  }),
});

const ChunkScores = z.object({
  dense: z.number().nullable().meta({ description: 'Likeness of meaning' }),
  sparse: z.number().nullable().meta({ description: 'BM25; null: no term in common' }),
  fused: z
    .number()
    .nullable()
    .meta({ description: 'As your search of the knowledge base scores it; null: not among its first 25' }),
  rank: z
    .number()
    .int()
    .positive()
    .nullable()
    .meta({ description: 'Its place in your search, near copies included; null: not among its first 25' }),
  matches: z.array(MatchedTerm),
});

/** A chunk as it was indexed. */
export const InspectedChunk = z
  .object({
    id: z.string(),
    index: z.number().int().nonnegative(),
    live: z.boolean().meta({ description: 'Whether searches look at it' }),
    text: z.string(),
    indexedText: z.string().meta({ description: 'What was embedded: the text with the titles it stands under' }),
    tokens: z.number().int().nonnegative().meta({ description: 'Of `indexedText`' }),
    headingPath: z.array(z.string()),
    page: z.number().int().positive().nullable(),
    start: z.number().int().nonnegative().meta({ description: 'In the extracted text' }),
    end: z.number().int().nonnegative(),
    terms: z.array(Term).meta({ description: 'Its words by their stems, as indexed; the 50 of the most weight' }),
    grants: z
      .array(z.string())
      .nullable()
      .meta({ description: 'Who may find it; null: only managers of the knowledge base are told' }),
    scores: ChunkScores.nullable().meta({ description: 'null without `query`' }),
  })
  .meta({ id: 'InspectedChunk' });
export type InspectedChunk = z.infer<typeof InspectedChunk>;

export const InspectedChunks = pageOf(InspectedChunk)
  .extend({
    version: z.number().int().positive(),
    embeddingModel: z.string(),
    isWithheld: z
      .boolean()
      .meta({ description: 'Whether no search finds the document, because its access is being changed' }),
    queryTerms: z.array(z.string()).meta({ description: 'The terms of `query`, as they are looked for' }),
  })
  .meta({ id: 'InspectedChunks' });
export type InspectedChunks = z.infer<typeof InspectedChunks>;

export const PreviewQuery = z
  .strictObject({
    version: Version,
    start: position.optional().meta({ description: 'Left out: so that the highlight is in the middle, else 0' }),
    limit: z.coerce.number().int().min(1).max(MAX_PREVIEW_CHARACTERS).default(DEFAULT_PREVIEW_CHARACTERS).meta({
      description: 'Characters',
    }),
    highlightStart: position.optional().meta({ description: '`start` of a citation' }),
    highlightEnd: position.optional().meta({ description: '`end` of a citation' }),
  })
  .refine(
    ({ highlightStart, highlightEnd }) =>
      highlightStart === undefined ? highlightEnd === undefined : (highlightEnd ?? 0) > highlightStart,
    { path: ['highlightEnd'], message: 'must come with highlightStart and be greater' },
  );
export type PreviewQuery = z.infer<typeof PreviewQuery>;

/** Part of the extracted text, with what was made of it. All positions are characters of the whole text. */
export const DocumentPreview = z
  .object({
    documentId: DocumentId,
    name: z.string(),
    version: z.number().int().positive(),
    text: z.string(),
    start: z.number().int().nonnegative(),
    end: z.number().int().nonnegative(),
    totalCharacters: z.number().int().nonnegative(),
    nextStart: z.number().int().positive().nullable().meta({ description: '`start` of the part that follows' }),
    highlight: z
      .object({ start: z.number().int().nonnegative(), end: z.number().int().nonnegative() })
      .nullable()
      .meta({ description: 'What of it is in this part' }),
    chunks: z
      .array(InspectedChunk.pick({ index: true, start: true, end: true, page: true, headingPath: true }))
      .meta({ description: 'Those with a part in this one, in order; they may overlap' }),
  })
  .meta({ id: 'DocumentPreview' });
export type DocumentPreview = z.infer<typeof DocumentPreview>;
