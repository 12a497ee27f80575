import { z } from 'zod';
import { Access } from './access.ts';
import { DocumentId, ImportId, KnowledgeBaseId, PrincipalId, Timestamp } from './identifiers.ts';
import { PageQuery } from './paging.ts';
import { FindingSummary } from './screening.ts';

const MAX_NAME_CHARACTERS = 255;
const MAX_PATH_CHARACTERS = 1_024;

export const DocumentStatus = z.enum(['awaiting-upload', 'queued', 'embedding', 'held', 'ready', 'failed', 'deleting']);
export type DocumentStatus = z.infer<typeof DocumentStatus>;

/** Whether nothing happens to a document any more unless somebody does something. */
export const isSettled = (status: DocumentStatus) => status === 'ready' || status === 'held' || status === 'failed';

export const DocumentFailure = z.object({
  code: z.string().meta({ example: 'encrypted' }),
  reason: z.string().meta({ description: 'Written for the person who uploaded it' }),
});
export type DocumentFailure = z.infer<typeof DocumentFailure>;

/** Characters that would control how text is shown. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** The file's name is only ever shown: control and direction characters are replaced, the length is capped. */
export const DocumentName = z
  .string()
  .transform((name) =>
    name
      .normalize('NFC')
      .replaceAll(UNSEEN, '�')
      .replace(/^.*[/\\]/u, '')
      .replace(/^[.\s]+$/u, '')
      .trim()
      .slice(0, MAX_NAME_CHARACTERS)
      .toWellFormed(),
  )
  .pipe(z.string().min(1, 'must not be empty'));

/** Where a file was dropped. It is only ever shown, like a name. */
export const DocumentPath = z
  .string()
  .transform((path) => path.normalize('NFC').replaceAll(UNSEEN, '�').slice(0, MAX_PATH_CHARACTERS).toWellFormed());

export const AccessSource = z.enum(['own', 'folder']);
export type AccessSource = z.infer<typeof AccessSource>;
export const DocumentSource = z.enum(['upload', 'drop']);
export type DocumentSource = z.infer<typeof DocumentSource>;

const MAX_TAG_CHARACTERS = 50;
export const MAX_TAGS = 20;

/** Compared whatever its case and form: kept in lower case. */
export const Tag = z
  .string()
  .transform((tag) => tag.toWellFormed().normalize('NFKC').toLowerCase().replaceAll(/\s+/gu, ' ').trim())
  .pipe(z.string().min(1, 'must not be empty').max(MAX_TAG_CHARACTERS));

export const Tags = z
  .array(Tag)
  .max(MAX_TAGS)
  .transform((tags) => [...new Set(tags)]);

export const KnowledgeDocument = z
  .object({
    id: DocumentId,
    knowledgeBaseId: KnowledgeBaseId,
    name: z.string(),
    status: DocumentStatus,
    version: z.number().int().positive().meta({ description: 'Counts uploads' }),
    liveVersion: z.number().int().positive().nullable().meta({ description: 'The version that answers come from' }),
    source: DocumentSource,
    path: z.string().nullable().meta({ description: 'Where it lies in the drop folder; null for uploads' }),
    tags: z.array(z.string()).default([]).meta({ description: 'What searches can be narrowed to' }),
    modifiedAt: Timestamp.nullable()
      .default(null)
      .meta({ description: 'When its content was last changed: as it was told with the file, else when that came' }),
    mediaType: z.string().nullable(),
    size: z.number().int().nonnegative().nullable().meta({ description: 'Bytes' }),
    access: Access.nullable().meta({ description: 'null: as the knowledge base' }),
    accessSource: AccessSource.meta({
      description: '`folder`: as the nearest `.access.json` of the drop folder says; `own`: set on the document itself',
    }),
    pageCount: z.number().int().nonnegative().nullable(),
    chunkCount: z.number().int().nonnegative().nullable(),
    progress: z.number().min(0).max(1),
    error: DocumentFailure.nullable(),
    findings: z
      .array(FindingSummary)
      .default([])
      .meta({ description: 'What was found in this version and is flagged, or why it is held; the gravest first' }),
    createdBy: PrincipalId.nullable(),
    createdAt: Timestamp,
    updatedAt: Timestamp,
  })
  .meta({ id: 'Document' });
export type KnowledgeDocument = z.infer<typeof KnowledgeDocument>;

export const DocumentListQuery = PageQuery.extend({
  status: DocumentStatus.optional().meta({ description: 'Only documents of this status' }),
  importId: ImportId.optional().meta({ description: 'Only documents that this import named last' }),
});
export type DocumentListQuery = z.infer<typeof DocumentListQuery>;

export const UpdateDocument = z
  .strictObject({
    name: DocumentName.optional(),
    access: Access.nullable().optional(),
    tags: Tags.optional(),
    modifiedAt: Timestamp.optional(),
    accessSource: z
      .literal('folder')
      .optional()
      .meta({ description: 'Instead of `access`, of a dropped file: gives it the access of its folder again' }),
  })
  .refine(({ access, accessSource }) => access === undefined || accessSource === undefined, {
    path: ['accessSource'],
    message: 'cannot be together with access',
  });
export type UpdateDocument = z.infer<typeof UpdateDocument>;

export const CreateUpload = z
  .strictObject({
    name: DocumentName,
    documentId: DocumentId.optional().meta({ description: 'Makes the upload a new version of that document' }),
    access: Access.nullable().default(null),
    tags: Tags.default([]),
    modifiedAt: Timestamp.optional(),
  })
  .meta({ id: 'CreateUpload' });
export type CreateUpload = z.infer<typeof CreateUpload>;

export const Upload = z
  .object({
    document: KnowledgeDocument,
    uploadUrl: z.string().meta({ description: 'PUT the file here with the header x-ms-blob-type: BlockBlob' }),
    expiresAt: Timestamp,
  })
  .meta({ id: 'Upload' });

/** Whether a browser shows a file in place or saves it. */
export const Disposition = z.enum(['inline', 'attachment']);
export type Disposition = z.infer<typeof Disposition>;

export const SourceLink = z.object({ url: z.string(), expiresAt: Timestamp }).meta({ id: 'SourceLink' });

/** What may come with a file in a multipart form. */
export const UploadFields = z.strictObject({
  access: Access.nullable().default(null).meta({ description: 'JSON; left out: as the knowledge base' }),
  tags: Tags.default([]).meta({ description: 'JSON; of a new document' }),
  modifiedAt: Timestamp.optional(),
});
