import type { QdrantClient, Schemas } from '@qdrant/js-client-rest';
import { AppError, isAppError } from '../../errors.ts';
import type { SpaceName, VectorSpace } from '../../knowledge/vector-store.ts';
import type { QdrantCall } from './qdrant-client.ts';
import { statusOf } from './qdrant-error.ts';

/** What the collections of one kind hold; there is one for each embedding model. */
export interface CollectionKind {
  readonly prefix: string;
  readonly indexes: Readonly<Record<string, Schemas['PayloadFieldSchema']>>;
  /** Whether its points have a sparse vector of words besides. */
  readonly hasText: boolean;
}

const CHUNKS: CollectionKind = {
  prefix: 'chunks',
  indexes: {
    tenant_id: { type: 'keyword', is_tenant: true },
    knowledge_base_id: 'keyword',
    document_id: 'keyword',
    grants: 'keyword',
    live: 'bool',
    version: 'integer',
    tags: 'keyword',
    source: 'keyword',
    modified_at: 'datetime',
    content_hash: 'keyword',
  },
  hasText: true,
};

/** The collection of an embedding model; what cannot stand in a name becomes a dash. */
export function collectionName({ model }: SpaceName, { prefix }: CollectionKind = CHUNKS): string {
  return `${prefix}-${model.toLowerCase().replaceAll(/[^a-z0-9._-]+/g, '-')}`;
}

/** Makes sure that a collection and its indexes exist. One request when they do. Safe to run twice at the same time. */
export async function ensureCollection(call: QdrantCall, space: VectorSpace, kind = CHUNKS): Promise<void> {
  const name = collectionName(space, kind);
  const found = await call((client) => describe(client, name));
  if (!found) await call((client) => create(client, name, space.dimensions, kind));
  else assertDimensions(found, space);
  const missing = Object.entries(kind.indexes).filter(([field]) => !found?.payload_schema?.[field]);
  for (const [field_name, field_schema] of missing) {
    await call((client) => client.createPayloadIndex(name, { field_name, field_schema, wait: true }));
  }
}

function describe(client: QdrantClient, name: string): Promise<Schemas['CollectionInfo'] | null> {
  return client.getCollection(name).catch((error: unknown) => {
    if (statusOf(error) === 404) return null;
    throw error;
  });
}

async function create(client: QdrantClient, name: string, size: number, { hasText }: CollectionKind): Promise<void> {
  const settings = {
    vectors: { dense: { size, distance: 'Cosine' as const } },
    ...(hasText && { sparse_vectors: { text: { modifier: 'idf' as const } } }),
  };
  await client.createCollection(name, settings).catch(async (error: unknown) => {
    // Another instance was faster.
    if (!(await describe(client, name))) throw error;
  });
}

function assertDimensions(found: Schemas['CollectionInfo'], space: VectorSpace): void {
  const vectors = found.config.params.vectors as { dense?: { size?: number } } | undefined;
  const size = vectors?.dense?.size;
  if (size === space.dimensions) return;
  throw new AppError(
    'internal',
    `The vectors of ${space.model} have ${space.dimensions} dimensions, its collection holds ${size}: ` +
      'check AZURE_OPENAI_EMBEDDING_DIMENSIONS, or give the deployment another name and index again.',
  );
}

/** The collections of chunks that there are, also those of models that are in use no longer. */
export async function chunkCollections(call: QdrantCall): Promise<string[]> {
  const { collections } = await call((client) => client.getCollections());
  return collections.map(({ name }) => name).filter((name) => name.startsWith(`${CHUNKS.prefix}-`));
}

/** A collection that was never written to holds nothing: there is nothing to find, change or remove. */
export function unlessMissing<T>(nothing: T, request: () => Promise<T>): Promise<T> {
  return request().catch((error: unknown) => {
    if (isAppError(error, 'not_found')) return nothing;
    throw error;
  });
}
