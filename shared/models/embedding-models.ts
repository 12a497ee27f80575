import type { EmbeddingCatalogModel, ModelCatalog } from '../contracts/models.ts';
import { AppError } from '../errors.ts';
import type { EmbeddingModel } from './embedding-model.ts';
import { indexingModel } from './indexing-model.ts';

/** The embedding models of a catalog. A knowledge base stays with the one that it was indexed with until it is moved. */
export interface EmbeddingModels<M extends EmbeddingModel = EmbeddingModel> {
  /** Indexes new knowledge bases. */
  readonly indexing: M;
  readonly all: readonly M[];
  has(name: string): boolean;
  /** @throws AppError `dependency_unavailable` for a model that the catalog does not have. */
  named(name: string): M;
}

export function createEmbeddingModels<M extends EmbeddingModel>(
  catalog: ModelCatalog,
  create: (model: EmbeddingCatalogModel) => M,
): EmbeddingModels<M> {
  const all = catalog.models.filter((model) => model.kind === 'embedding').map(create);
  const byName = new Map(all.map((model) => [model.name, model]));
  const named = (name: string) => {
    const model = byName.get(name);
    if (model) return model;
    throw missingModel(name);
  };
  return { all, named, has: (name) => byName.has(name), indexing: named(indexingModel(catalog).name) };
}

function missingModel(name: string): AppError {
  const message =
    `A knowledge base is indexed with the model ${name}, which the platform does not offer any more. Its operator can add ` +
    'the model to the catalog (MODELS_FILE) again, or move the knowledge base to another with npm run reindex.';
  return new AppError('dependency_unavailable', message, { details: { model: name } });
}
