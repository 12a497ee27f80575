import { z } from 'zod';

/** What a model can do beyond answering in text. */
export const ModelAbility = z.enum(['tools', 'json-schema', 'logprobs', 'vision']);
export type ModelAbility = z.infer<typeof ModelAbility>;

const Name = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,99}$/, 'must be letters, digits, dots, colons, dashes and underscores');
const count = z.number().int().positive();

/** Micro-dollars for a million tokens. */
const TokenPrices = z.strictObject({
  input: z.number().int().nonnegative(),
  cachedInput: z.number().int().nonnegative(),
  output: z.number().int().nonnegative(),
});

/** What a model costs from a day on, until a later price of the same model. */
export const ModelPrice = TokenPrices.extend({
  version: z.string().min(1).max(30),
  effectiveFrom: z.iso.date(),
  batch: TokenPrices.nullable().default(null).meta({ description: 'For calls that may take a day' }),
});
export type ModelPrice = z.infer<typeof ModelPrice>;

const microUsd = z.number().int().nonnegative().default(0);

/** What a service that reads pages or judges passages costs from a day on, until a later price of the same service. */
const ServicePrice = z.strictObject({
  version: z.string().min(1).max(30),
  effectiveFrom: z.iso.date(),
  unit: microUsd.meta({ description: 'Micro-dollars for a page or a search' }),
  input: microUsd.meta({ description: 'Micro-dollars for a million tokens, where it is paid by these' }),
});

/** A resource that serves deployments. */
export const ModelEndpoint = z.strictObject({
  kind: z.enum(['azure', 'azure-v1', 'openai']).meta({
    description: '`azure`: deployment paths; `azure-v1`: /openai/v1; `openai`: any OpenAI-compatible base URL',
  }),
  url: z.url({ protocol: /^https?$/ }).transform((value) => value.replace(/\/+$/, '')),
  region: Name,
  zone: Name.meta({ description: 'Where data is processed for residency, e.g. `eu`' }),
  apiVersion: z.string().optional(),
  apiKeySetting: z
    .string()
    .regex(/^[A-Z][A-Z0-9_]{0,99}$/)
    .optional()
    .meta({ description: 'The setting that holds its key. Left out: the managed identity signs in' }),
});
export type ModelEndpoint = z.infer<typeof ModelEndpoint>;

export const ModelDeployment = z.strictObject({
  endpoint: Name,
  deployment: Name,
  priority: z.number().int().min(1).max(100).default(1).meta({ description: 'Lower ones are used first' }),
  weight: z.number().int().min(1).max(1_000).default(1).meta({ description: 'Its share within a priority' }),
  tokensPerMinute: count.optional(),
  requestsPerMinute: count.optional(),
});
export type ModelDeployment = z.infer<typeof ModelDeployment>;

const common = {
  name: Name,
  contextTokens: count.meta({ description: 'Prompt and answer together; of an embedding model, one text' }),
  prices: z.array(ModelPrice).default([]),
  deployments: z.array(ModelDeployment).min(1).max(50),
};

export const ChatCatalogModel = z.strictObject({
  ...common,
  kind: z.literal('chat'),
  maxOutputTokens: count,
  size: z.enum(['small', 'large']).default('small').meta({ description: 'What `auto` chooses between' }),
  abilities: z.array(ModelAbility).default([]),
});
export type ChatCatalogModel = z.infer<typeof ChatCatalogModel>;

export const EmbeddingCatalogModel = z.strictObject({
  ...common,
  kind: z.literal('embedding'),
  dimensions: z.number().int().min(16).max(4_096),
  denseWeight: z.number().min(0).max(1).optional().meta({
    description: 'How far its vectors lead in hybrid search, before words: measure it by `npm run bench retrieval`',
  }),
});
export type EmbeddingCatalogModel = z.infer<typeof EmbeddingCatalogModel>;

export const CatalogModel = z.discriminatedUnion('kind', [ChatCatalogModel, EmbeddingCatalogModel]);
export type CatalogModel = z.infer<typeof CatalogModel>;

/** The models that a platform offers: the content of the file that the setting `MODELS_FILE` names. */
export const ModelCatalog = z
  .strictObject({
    endpoints: z.record(Name, ModelEndpoint),
    models: z.array(CatalogModel).min(1).max(200),
    services: z
      .record(z.string().min(1).max(100), z.array(ServicePrice).min(1))
      .optional()
      .meta({ description: 'Prices of `prebuilt-layout` and of the reranker, which goes by its RERANK_MODEL' }),
    defaultModel: Name.optional().meta({ description: 'Answers where nobody chooses. Left out: the first chat model' }),
    embeddingModel: Name.optional().meta({ description: 'Indexes documents. Left out: the first embedding model' }),
  })
  .superRefine(({ endpoints, models, defaultModel, embeddingModel }, context) => {
    const complain = (path: (string | number)[], message: string) =>
      context.addIssue({ code: 'custom', path, message });
    const seen = new Set<string>();
    for (const [index, { name, deployments }] of models.entries()) {
      if (seen.has(name)) complain(['models', index, 'name'], 'is there twice');
      seen.add(name);
      for (const [place, { endpoint }] of deployments.entries()) {
        if (!(endpoint in endpoints)) {
          complain(['models', index, 'deployments', place, 'endpoint'], `names no endpoint: ${endpoint}`);
        }
      }
    }
    const has = (kind: CatalogModel['kind'], name?: string) =>
      models.some((model) => model.kind === kind && (name === undefined || model.name === name));
    if (!has('chat', defaultModel)) complain(['defaultModel'], 'there is no such chat model');
    if (!has('embedding', embeddingModel)) complain(['embeddingModel'], 'there is no such embedding model');
  });
export type ModelCatalog = z.infer<typeof ModelCatalog>;

/** The name by which a caller leaves the choice to the platform. */
export const AUTO_MODEL = 'auto';

/** A model as those who may use it see it. */
export const Model = z
  .object({
    name: z.string(),
    kind: z.enum(['chat', 'embedding']),
    isDefault: z.boolean(),
    contextTokens: z.number().int(),
    maxOutputTokens: z.number().int().nullable(),
    abilities: z.array(ModelAbility),
    regions: z.array(z.string()).meta({ description: 'Where it may answer you' }),
    price: TokenPrices.nullable().meta({ description: 'In force now: micro-dollars for a million tokens' }),
  })
  .meta({ id: 'Model' });
export type Model = z.infer<typeof Model>;

export const Models = z.object({ items: z.array(Model) }).meta({ id: 'Models' });

/** Why which model answered from where: the same in a header, in the trace and beside the answer. */
export const ModelRoute = z
  .object({
    model: z.string(),
    deployment: z.string(),
    region: z.string(),
    reason: z.string().meta({ description: 'Such as `asked`, `tenant-default`, `auto:short`, `auto:long-context`' }),
    attempts: z
      .number()
      .int()
      .positive()
      .meta({ description: 'Deployments that were tried, the one that answered last' }),
  })
  .meta({ id: 'ModelRoute' });
export type ModelRoute = z.infer<typeof ModelRoute>;
