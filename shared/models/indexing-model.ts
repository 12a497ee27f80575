import type { EmbeddingCatalogModel, ModelCatalog } from '../contracts/models.ts';

/** The model that indexes documents and embeds questions. */
export function indexingModel({ models, embeddingModel }: ModelCatalog): EmbeddingCatalogModel {
  const candidates = models.filter((model) => model.kind === 'embedding');
  const found = candidates.find(({ name }) => name === embeddingModel) ?? candidates[0];
  if (!found) throw new TypeError('A catalog has an embedding model.');
  return found;
}
