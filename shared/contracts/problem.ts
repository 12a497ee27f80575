import { z } from 'zod';

/** RFC 9457 problem details; `code` is stable and meant for programs, `detail` for people. */
export const Problem = z
  .object({
    type: z.string().meta({ example: 'about:blank' }),
    title: z.string(),
    status: z.number().int(),
    code: z.string().meta({ example: 'validation_failed' }),
    detail: z.string(),
    traceId: z.string(),
    errors: z
      .array(z.object({ path: z.string(), message: z.string() }))
      .optional()
      .meta({ description: 'Each field that is wrong' }),
    details: z.record(z.string(), z.unknown()).optional(),
  })
  .meta({ id: 'Problem' });
export type Problem = z.infer<typeof Problem>;
