import { z } from 'zod';
import { parseJsonPath } from './json-path.ts';
import { type PointId, readPointId } from './point-id.ts';

/** A point id in a body. */
export const PointIdInput: z.ZodType<PointId> = z.unknown().transform((value, context) => {
  const id = readPointId(value);
  if (id !== undefined) return id;
  const shown = JSON.stringify(value);
  const message = `value ${shown} is not a valid point ID, valid values are either an unsigned integer or a UUID`;
  context.addIssue({ code: 'custom', message });
  return z.NEVER;
});

/** A payload path in a body, parsed. */
export const PathInput = z.string().transform((text, context) => {
  const path = parseJsonPath(text);
  if (path) return path;
  context.addIssue({ code: 'custom', message: `Invalid json path: '${text}'` });
  return z.NEVER;
});

const Scalar = z.union([z.string(), z.int(), z.boolean()]);
const Scalars = z.union([z.array(z.string()), z.array(z.int())]);

const Match = z.union([
  z.strictObject({ value: Scalar }),
  z.strictObject({ any: Scalars }),
  z.strictObject({ except: Scalars }),
  z.strictObject({ text: z.string() }),
]);
export type Match = z.infer<typeof Match>;

const bound = z.union([z.number(), z.string().refine((text) => !Number.isNaN(Date.parse(text)))]).nullish();
const Range = z.strictObject({ gt: bound, gte: bound, lt: bound, lte: bound });
export type Range = z.infer<typeof Range>;

const count = z.int().nonnegative().nullish();
const FieldCondition = z.strictObject({
  key: PathInput,
  match: Match.nullish(),
  range: Range.nullish(),
  values_count: z.strictObject({ gt: count, gte: count, lt: count, lte: count }).nullish(),
  is_empty: z.boolean().nullish(),
  is_null: z.boolean().nullish(),
});
export type FieldCondition = z.infer<typeof FieldCondition>;

const PathReference = z.strictObject({ key: PathInput });

const LeafCondition = z.union([
  FieldCondition,
  z.strictObject({ is_empty: PathReference }),
  z.strictObject({ is_null: PathReference }),
  z.strictObject({ has_id: z.array(PointIdInput) }),
  z.strictObject({ has_vector: z.string() }),
]);

/** One thing that must, should or must not be so. */
export type Condition =
  | z.infer<typeof LeafCondition>
  | { nested: { key: z.infer<typeof PathInput>; filter: Filter } }
  | Filter;

/** Conditions on a point; an empty filter lets every point through. */
export interface Filter {
  must?: Condition[] | null | undefined;
  should?: Condition[] | null | undefined;
  must_not?: Condition[] | null | undefined;
  min_should?: { conditions: Condition[]; min_count: number } | null | undefined;
}

const Condition: z.ZodType<Condition> = z.lazy(() =>
  z.union([LeafCondition, z.strictObject({ nested: z.strictObject({ key: PathInput, filter: Filter }) }), Filter]),
);

const Conditions = z.union([z.array(Condition), Condition.transform((condition) => [condition])]).nullish();

/** Reads a filter; unknown fields and conditions that this server does not know are refused. */
export const Filter: z.ZodType<Filter> = z.strictObject({
  must: Conditions,
  should: Conditions,
  must_not: Conditions,
  min_should: z.strictObject({ conditions: z.array(Condition), min_count: z.int().min(1) }).nullish(),
});
