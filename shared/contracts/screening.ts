import { z } from 'zod';

/** What a document is looked through for before it is indexed. */
export const FindingKind = z.enum(['prompt-injection', 'secret', 'personal-data']).meta({ id: 'FindingKind' });
export type FindingKind = z.infer<typeof FindingKind>;

/** How sure and how grave it is. */
export const FindingSeverity = z.enum(['low', 'high']);
export type FindingSeverity = z.infer<typeof FindingSeverity>;

/** What is done with a document that has such a finding; later ones are stricter. */
export const ScreeningAction = z.enum(['index', 'flag', 'hold']);
export type ScreeningAction = z.infer<typeof ScreeningAction>;

export const ScreeningActions = z.strictObject({
  low: ScreeningAction.optional(),
  high: ScreeningAction.optional(),
});

/** Where something was found: in the text, in the title that the file gives itself, or in the file's name. */
const place = {
  part: z.enum(['text', 'title', 'name']),
  chunk: z.number().int().nonnegative().nullable().meta({ description: 'null outside the text' }),
  page: z.number().int().positive().nullable(),
  start: z.number().int().nonnegative().meta({ description: 'First character in the extracted text' }),
  end: z.number().int().nonnegative().meta({ description: 'One past the last character' }),
};

const what = {
  kind: FindingKind,
  rule: z.string().meta({ example: 'override-instructions' }),
  severity: FindingSeverity,
};

/** One place. It never carries what was found, only how it begins. */
export const ScreeningFinding = z
  .object({ ...what, ...place, excerpt: z.string().meta({ description: 'How it begins; the rest is left out' }) })
  .meta({ id: 'ScreeningFinding' });
export type ScreeningFinding = z.infer<typeof ScreeningFinding>;

/** All places of one rule and severity in a document. */
export const FindingSummary = z
  .object({ ...what, count: z.number().int().positive(), first: z.object(place) })
  .meta({ id: 'FindingSummary' });
export type FindingSummary = z.infer<typeof FindingSummary>;

/** What was found in one version of a document. */
export const DocumentFindings = z
  .object({
    version: z.number().int().positive(),
    total: z.number().int().nonnegative(),
    findings: z.array(ScreeningFinding).meta({ description: 'The gravest first, at most 500' }),
  })
  .meta({ id: 'DocumentFindings' });
export type DocumentFindings = z.infer<typeof DocumentFindings>;
