import { AUTO_MODEL } from '../contracts/models.ts';
import type { OpenAiModel, OpenAiModels } from '../contracts/openai.ts';
import type { Principal } from '../identity/principal.ts';
import type { KnowledgeBases } from '../knowledge/knowledge-bases.ts';
import type { ModelGateway } from '../models/model-gateway.ts';
import { unknownModel } from './choose-chat-model.ts';
import { isKnowledgeModel, knowledgeBaseOf, knowledgeModelNames } from './knowledge-models.ts';

export interface ModelListOptions {
  readonly gateway: ModelGateway;
  readonly knowledgeBases: KnowledgeBases;
}

const OWNER = 'platform';
const MILLISECONDS = 1_000;

/** Everything that a caller may name as a model: models, `auto`, and knowledge bases for those who may read them. */
export async function listModels(options: ModelListOptions, principal: Principal): Promise<OpenAiModels> {
  const visible = await visibleTo(options, principal);
  return {
    object: 'list',
    data: [
      ...ownModels(options, principal),
      ...knowledgeModelNames(visible).map(([name, { createdAt }]) => entry(name, createdAt)),
    ],
  };
}

/**
 * One of them, by its name or by what a path makes of that: a slash stays encoded there.
 * @throws AppError `not_found`
 */
export async function findModel(options: ModelListOptions, principal: Principal, asked: string): Promise<OpenAiModel> {
  const name = asked.replaceAll(/%2f/gi, '/');
  if (isKnowledgeModel(name)) {
    return entry(name, knowledgeBaseOf(name, await visibleTo(options, principal)).createdAt);
  }
  const found = ownModels(options, principal).find(({ id }) => id === name);
  if (!found) throw unknownModel(name);
  return found;
}

function ownModels({ gateway }: ModelListOptions, principal: Principal): OpenAiModel[] {
  const models = gateway.models(principal);
  const auto = models.some(({ kind }) => kind === 'chat') ? [entry(AUTO_MODEL)] : [];
  return [...auto, ...models.map(({ name }) => entry(name))];
}

async function visibleTo({ knowledgeBases }: ModelListOptions, principal: Principal) {
  return principal.permissions.has('knowledge:read') ? knowledgeBases.list(principal) : [];
}

/** A model of the catalog has no date, which clients read as the beginning of time. */
function entry(id: string, createdAt?: string): OpenAiModel {
  const created = createdAt === undefined ? 0 : Math.floor(Date.parse(createdAt) / MILLISECONDS);
  return { id, object: 'model', created, owned_by: OWNER };
}
