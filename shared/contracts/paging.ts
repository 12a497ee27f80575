import { z } from 'zod';

const MAX_PAGE_SIZE = 100;
const MAX_CONTINUATION_LENGTH = 8_192;

export const PageQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(MAX_PAGE_SIZE).default(25),
  continuation: z
    .string()
    .max(MAX_CONTINUATION_LENGTH)
    .regex(/^[A-Za-z0-9_-]+$/, 'must be the continuation of an earlier page, unchanged')
    .optional()
    .meta({ description: 'The `continuation` of the page before' }),
});
export type PageQuery = z.infer<typeof PageQuery>;

export interface Page<T> {
  items: T[];
  /** Opaque; null on the last page. */
  continuation: string | null;
}

export const pageOf = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item), continuation: z.string().nullable() });
