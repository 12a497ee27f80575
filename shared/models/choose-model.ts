import { AUTO_MODEL, type ChatCatalogModel, type ModelCatalog } from '../contracts/models.ts';
import type { Policy } from '../contracts/policy.ts';
import { AppError } from '../errors.ts';
import { forbiddenModel, isUsable } from './allowed-model.ts';
import type { ModelChoice, ModelUser, ModelWish } from './model-gateway.ts';

/** Up to how many tokens a prompt is short where a policy does not say. */
const SHORT_TOKENS = 2_000;

/** Chooses chat models of a catalog by the rules of policies. */
export interface ModelChooser {
  defaultModel(user: ModelUser): string;
  choose(user: ModelUser, wish: ModelWish): ModelChoice;
  larger(user: ModelUser, model: ChatCatalogModel): ChatCatalogModel | null;
}

export function createModelChooser(catalog: ModelCatalog): ModelChooser {
  const chatModels = catalog.models.filter((model) => model.kind === 'chat');
  const platformDefault = catalog.defaultModel ?? chatModels[0]?.name ?? '';
  const named = (name: string | undefined) => chatModels.find((model) => model.name === name);
  const usableBy = ({ tenantChain: [{ policy }] }: ModelUser) =>
    chatModels.filter((model) => isUsable(policy, catalog, model));

  function byDefault(user: ModelUser): { name: string; reason: string } {
    const { defaultModel: own } = user.tenantChain[0].policy;
    if (own === AUTO_MODEL) return { name: own, reason: 'tenant-default' };
    const usable = usableBy(user);
    const isUsableName = (name: string | undefined) => usable.some((model) => model.name === name);
    if (own !== undefined && isUsableName(own)) return { name: own, reason: 'tenant-default' };
    if (isUsableName(platformDefault)) return { name: platformDefault, reason: 'platform-default' };
    return { name: usable[0]?.name ?? platformDefault, reason: 'only-allowed' };
  }

  function choose(user: ModelUser, wish: ModelWish): ModelChoice {
    const { name, reason } = wish.model === undefined ? byDefault(user) : { name: wish.model, reason: 'asked' };
    const usable = usableBy(user);
    if (name === AUTO_MODEL) return chooseForPrompt(usable, user, wish);
    const model = named(name);
    if (!model) throw new AppError('not_found', `There is no model ${name}. See /api/v1/models.`);
    if (!usable.includes(model)) throw forbiddenModel(user, name);
    const lacking = wish.needs.filter((need) => !model.abilities.includes(need));
    if (lacking.length > 0) throw lacks(name, lacking);
    return { model, reason };
  }

  function larger(user: ModelUser, { contextTokens, abilities }: ChatCatalogModel): ChatCatalogModel | null {
    const wider = usableBy(user).filter((model) => model.contextTokens > contextTokens);
    const able = wider.filter((model) => abilities.every((ability) => model.abilities.includes(ability)));
    return (able.length > 0 ? able : wider).toSorted(byWindow)[0] ?? null;
  }

  return { choose, larger, defaultModel: (user) => byDefault(user).name };
}

const byWindow = (one: ChatCatalogModel, other: ChatCatalogModel) => one.contextTokens - other.contextTokens;

function lacks(name: string, needs: readonly string[]): AppError {
  return new AppError('unprocessable', `The model ${name} cannot do this: ${needs.join(', ')}. Choose another one.`);
}

/** The small model for what is short and simple, the large one for long contexts, tools and hard questions. */
function chooseForPrompt(
  usable: readonly ChatCatalogModel[],
  user: ModelUser,
  { inputTokens, needs, difficulty }: ModelWish,
): ModelChoice {
  const { policy } = user.tenantChain[0];
  if (usable.length === 0) throw forbiddenModel(user, AUTO_MODEL);
  const able = usable.filter(({ abilities }) => needs.every((need) => abilities.includes(need)));
  if (able.length === 0) throw lacks(AUTO_MODEL, needs);
  const small = ofSize(able, 'small', policy.routing?.smallModel);
  const large = ofSize(able, 'large', policy.routing?.largeModel);
  const because = whyLarge({ inputTokens, needs, difficulty }, small, policy);
  const chosen = because ? large : small;
  if (fits(chosen, inputTokens)) return { model: chosen, reason: because ?? 'auto:short' };
  const widest = able.toSorted(byWindow).at(-1) ?? chosen;
  return { model: widest, reason: 'auto:long-context' };
}

function ofSize(able: readonly ChatCatalogModel[], size: 'small' | 'large', wanted?: string): ChatCatalogModel {
  const found = able.find(({ name }) => name === wanted) ?? able.find((model) => model.size === size) ?? able[0];
  if (!found) throw new TypeError('There is no model to choose from.');
  return found;
}

function whyLarge(wish: Omit<ModelWish, 'model'>, small: ChatCatalogModel, { routing }: Policy): string | null {
  if (wish.needs.includes('tools')) return 'auto:tools';
  if (wish.difficulty === 'hard') return 'auto:hard';
  const isShort = wish.inputTokens <= (routing?.shortTokens ?? SHORT_TOKENS);
  return isShort && fits(small, wish.inputTokens) ? null : 'auto:long-context';
}

function fits({ contextTokens, maxOutputTokens }: ChatCatalogModel, inputTokens: number): boolean {
  return inputTokens <= contextTokens - Math.min(maxOutputTokens, contextTokens / 2);
}
