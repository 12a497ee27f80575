import { z } from 'zod';
import { Access } from './access.ts';
import { DocumentName, Tags } from './documents.ts';
import { FailedDocument, StatusCounts } from './drop-folder.ts';
import { ImportId, PrincipalId, Timestamp } from './identifiers.ts';

const MAX_PATH_CHARACTERS = 900;
const MAX_ITEMS = 5_000;
const UNSAFE = /[\p{Cc}\\]/u;

/** Names a file of the drop folder; nothing else can be reached by it. */
export const ImportPath = z
  .string()
  .min(1)
  .max(MAX_PATH_CHARACTERS)
  .refine((path) => !UNSAFE.test(path) && path.split('/').every((part) => !['', '.', '..'].includes(part)), {
    message: 'must be a path such as `handbooks/travel.pdf`, below the drop folder',
  });

/** What is said of one file. */
export const ImportItem = z
  .strictObject({
    path: ImportPath.meta({ example: 'handbooks/travel.pdf' }),
    name: DocumentName.optional().meta({ description: 'Left out: the name of the file' }),
    tags: Tags.optional(),
    access: Access.nullable()
      .optional()
      .meta({ description: 'Wins over `.access.json`; null: as the knowledge base. Left out: as the folder says' }),
  })
  .meta({ id: 'ImportItem' });
export type ImportItem = z.infer<typeof ImportItem>;

export const CreateImport = z
  .strictObject({ items: z.array(ImportItem).min(1).max(MAX_ITEMS) })
  .meta({ id: 'CreateImport' });
export type CreateImport = z.infer<typeof CreateImport>;

/** Something of an import that did not become a document. */
export const ImportProblem = z
  .object({
    path: z.string().nullable(),
    line: z.number().int().positive().nullable().meta({ description: 'Of the manifest' }),
    code: z.string().meta({ example: 'invalid-line' }),
    reason: z.string(),
  })
  .meta({ id: 'ImportProblem' });
export type ImportProblem = z.infer<typeof ImportProblem>;

const Count = z.number().int().nonnegative();

export const Import = z
  .object({
    id: ImportId,
    source: z.enum(['request', 'manifest']),
    manifest: z.string().nullable().meta({ description: 'Where the manifest was dropped' }),
    status: z.enum(['reading', 'waiting', 'processing', 'finished']).meta({
      description: '`waiting`: for files that have not been dropped yet',
    }),
    total: Count.meta({ description: 'Items, and lines of the manifest that are none' }),
    read: Count.meta({ description: 'Of `total`, how many have been looked at' }),
    rejected: Count.meta({ description: 'Those that did not become a document' }),
    documents: StatusCounts.meta({
      description:
        'Now, by status: `awaiting-upload` waits for its file. A later import of the same file takes it over',
    }),
    problems: z.array(ImportProblem).meta({ description: 'The first 50 that were rejected' }),
    failures: z.array(FailedDocument).meta({ description: 'The newest 50 documents that failed' }),
    createdBy: PrincipalId.nullable(),
    startedAt: Timestamp,
    finishedAt: Timestamp.nullable(),
  })
  .meta({ id: 'Import' });
export type Import = z.infer<typeof Import>;

export const ImportSummary = Import.omit({
  documents: true,
  failures: true,
  problems: true,
  status: true,
  finishedAt: true,
})
  .extend({ readAt: Timestamp.nullable() })
  .meta({ id: 'ImportSummary' });
export type ImportSummary = z.infer<typeof ImportSummary>;
