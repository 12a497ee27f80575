import type { CatalogModel, Model, ModelCatalog } from '../contracts/models.ts';
import { allowsEndpoint } from './allowed-model.ts';
import { indexingModel } from './indexing-model.ts';
import type { ModelGateway, ModelUser } from './model-gateway.ts';
import type { PriceBook } from './price-book.ts';

/** The models that a principal may use, as it may see them: without deployments and endpoints. */
export type ModelList = (user: ModelUser) => Model[];

export function createModelList(options: {
  readonly gateway: Pick<ModelGateway, 'models' | 'defaultModel'>;
  readonly catalog: ModelCatalog;
  readonly prices: PriceBook;
  readonly now: () => Date;
}): ModelList {
  const { gateway, catalog, prices, now } = options;
  const embeddingModel = indexingModel(catalog).name;

  return (user) => {
    const defaultModel = gateway.defaultModel(user);
    const at = now().toISOString();
    return gateway.models(user).map((model) => {
      const price = prices.priceOf(model.name, at);
      return {
        name: model.name,
        kind: model.kind,
        isDefault: model.name === (model.kind === 'chat' ? defaultModel : embeddingModel),
        contextTokens: model.contextTokens,
        maxOutputTokens: model.kind === 'chat' ? model.maxOutputTokens : null,
        abilities: model.kind === 'chat' ? model.abilities : [],
        regions: regionsFor(user, model, catalog),
        price: price ? { input: price.input, cachedInput: price.cachedInput, output: price.output } : null,
      };
    });
  };
}

function regionsFor({ tenantChain: [{ policy }] }: ModelUser, model: CatalogModel, { endpoints }: ModelCatalog) {
  const places = model.deployments.flatMap(({ endpoint }) => endpoints[endpoint] ?? []);
  return [...new Set(places.filter((place) => allowsEndpoint(policy, place)).map(({ region }) => region))];
}
