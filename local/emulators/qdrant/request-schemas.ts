import { z } from 'zod';
import { formatError, type QdrantError, validationError } from './errors.ts';
import { Filter, PathInput, PointIdInput } from './filter-schema.ts';
import { FIELD_TYPES } from './payload-index.ts';

const DEFAULT_LIMIT = 10;

const Ids = z.array(PointIdInput);
const PayloadInput = z.record(z.string(), z.unknown());
const WithPayload = z
  .union([
    z.boolean(),
    z.array(PathInput),
    z.strictObject({ include: z.array(PathInput) }),
    z.strictObject({ exclude: z.array(PathInput) }),
  ])
  .nullish();
const WithVector = z.union([z.boolean(), z.array(z.string())]).nullish();
export type WithPayload = z.infer<typeof WithPayload>;
export type WithVector = z.infer<typeof WithVector>;

const limit = z
  .int()
  .min(1)
  .nullish()
  .transform((value) => value ?? DEFAULT_LIMIT);

/** Which points an operation is about; by ids or by filter. */
export const Selection = z
  .object({ points: Ids.nullish(), filter: Filter.nullish() })
  .refine(({ points, filter }) => points || filter, 'Expected either a `points` or a `filter`');
export type Selection = z.infer<typeof Selection>;

const PointInput = z.object({ id: PointIdInput, vector: z.unknown(), payload: PayloadInput.nullish() });

const VectorsByName = z.record(z.string(), z.array(z.unknown()));
const ColumnInput = z.object({
  ids: Ids,
  vectors: z.union([z.array(z.unknown()), VectorsByName]),
  payloads: z.array(PayloadInput.nullish()).nullish(),
});

const updateFilter = { update_filter: Filter.nullish(), update_mode: z.literal('upsert').nullish() };

export const UpsertRequest = z.union([
  z.object({ points: z.array(PointInput), ...updateFilter }),
  z.object({ batch: ColumnInput, ...updateFilter }),
]);
export type UpsertRequest = z.infer<typeof UpsertRequest>;

export const SetPayloadRequest = Selection.and(z.object({ payload: PayloadInput, key: z.string().nullish() }));
export const DeletePayloadRequest = Selection.and(z.object({ keys: z.array(z.string()) }));
export const UpdateVectorsRequest = z.object({
  points: z.array(z.object({ id: PointIdInput, vector: z.unknown() })).min(1),
  update_filter: z.null().optional(),
});
export const DeleteVectorsRequest = Selection.and(z.object({ vector: z.array(z.string()).min(1) }));

const UpdateOperation = z.union([
  z.strictObject({ upsert: UpsertRequest }),
  z.strictObject({ delete: Selection }),
  z.strictObject({ set_payload: SetPayloadRequest }),
  z.strictObject({ overwrite_payload: SetPayloadRequest }),
  z.strictObject({ delete_payload: DeletePayloadRequest }),
  z.strictObject({ clear_payload: Selection }),
  z.strictObject({ update_vectors: UpdateVectorsRequest }),
  z.strictObject({ delete_vectors: DeleteVectorsRequest }),
]);
export type UpdateOperation = z.infer<typeof UpdateOperation>;
export const BatchUpdateRequest = z.object({ operations: z.array(UpdateOperation) });

const FieldType = z.enum(FIELD_TYPES);
export const CreateIndexRequest = z.object({
  field_name: z.string(),
  field_schema: z.union([FieldType, z.looseObject({ type: FieldType })]),
});

export const RetrieveRequest = z.object({ ids: Ids, with_payload: WithPayload, with_vector: WithVector });
export const CountRequest = z.object({ filter: Filter.nullish() });
export const FacetRequest = z.object({ key: PathInput, filter: Filter.nullish(), limit, exact: z.boolean().nullish() });
export type FacetRequest = z.infer<typeof FacetRequest>;
export const ScrollRequest = z.object({
  offset: PointIdInput.nullish(),
  limit,
  filter: Filter.nullish(),
  with_payload: WithPayload,
  with_vector: WithVector,
  order_by: z.null().optional(),
});
export type ScrollRequest = z.infer<typeof ScrollRequest>;

const Nearest = z.union([
  z.strictObject({ nearest: z.unknown() }),
  z.strictObject({ fusion: z.literal('rrf') }),
  z.strictObject({
    rrf: z.strictObject({ k: z.int().min(1).nullish(), weights: z.array(z.number()).nullish() }),
  }),
  z.strictObject({ indices: z.array(z.number()), values: z.array(z.number()) }),
  z.array(z.unknown()),
  z.number(),
  z.string(),
]);

const stage = {
  query: Nearest.nullish(),
  using: z.string().nullish(),
  filter: Filter.nullish(),
  score_threshold: z.number().nullish(),
  limit,
  // Not imitated, so refused instead of answered wrongly.
  lookup_from: z.null().optional(),
};

/** One stage of a query: what to look for, among which points, and how many to keep. */
export interface QueryStage {
  query?: z.infer<typeof Nearest> | null | undefined;
  using?: string | null | undefined;
  filter?: Filter | null | undefined;
  score_threshold?: number | null | undefined;
  limit: number;
  prefetch?: QueryStage[] | null | undefined;
}

const Prefetch: z.ZodType<QueryStage> = z.lazy(() => z.object({ ...stage, prefetch: Prefetches }));
const Prefetches = z.union([z.array(Prefetch), Prefetch.transform((one) => [one])]).nullish();

export const QueryRequest = z.object({
  ...stage,
  prefetch: Prefetches,
  offset: z.int().nonnegative().nullish(),
  with_payload: WithPayload,
  with_vector: WithVector,
});
export type QueryRequest = z.infer<typeof QueryRequest>;
export const BatchQueryRequest = z.object({ searches: z.array(QueryRequest) });

export const AliasRequest = z.object({
  actions: z.array(
    z.union([
      z.strictObject({ create_alias: z.object({ collection_name: z.string(), alias_name: z.string().min(1) }) }),
      z.strictObject({ delete_alias: z.object({ alias_name: z.string() }) }),
      z.strictObject({ rename_alias: z.object({ old_alias_name: z.string(), new_alias_name: z.string().min(1) }) }),
    ]),
  ),
});

/** Reads a body by its schema: 422 for a value out of range, 400 for another shape, in Qdrant's form. */
export function readBody<Schema extends z.ZodType>(schema: Schema, body: unknown): z.infer<Schema> {
  const result = schema.safeParse(body, { reportInput: true });
  if (result.success) return result.data;
  throw describe(result.error.issues);
}

function describe(issues: readonly z.core.$ZodIssue[]): QdrantError {
  const [issue] = issues;
  if (!issue) return formatError('unreadable');
  const field = issue.path.join('.');
  if (issue.code === 'too_small' || issue.code === 'too_big') return outOfRange(field, issue);
  return formatError(`${field ? `${field}: ` : ''}${innermost(issue).message}`);
}

function outOfRange(field: string, issue: z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig): QdrantError {
  if (typeof issue.input !== 'number') return validationError(field, issue.message);
  const range = issue.code === 'too_small' ? `${issue.minimum} or larger` : `${issue.maximum} or smaller`;
  return validationError(field, `value ${issue.input} invalid, must be ${range}`);
}

// Of a union's branches, the one that got deepest into the value says best what was wrong.
function innermost(issue: z.core.$ZodIssue): z.core.$ZodIssue {
  if (issue.code !== 'invalid_union') return issue;
  const depth = (branch: readonly z.core.$ZodIssue[]): number => Math.max(0, ...branch.map(({ path }) => path.length));
  const [deepest] = [...issue.errors].sort((left, right) => depth(right) - depth(left));
  const [first] = deepest ?? [];
  return first ? innermost(first) : issue;
}
