import type { TurnFacts } from '../cache/cacheable-turn.ts';
import type { ChatCatalogModel } from '../contracts/models.ts';
import { areNarrowing, type SearchFilters } from '../contracts/search-filters.ts';
import type { Message } from '../contracts/sessions.ts';
import type { Principal } from '../identity/principal.ts';
import type { SearchableKnowledgeBase } from '../knowledge/knowledge-content.ts';
import type { Passage } from '../knowledge/passage.ts';
import { estimateTokens } from '../limits/estimate-tokens.ts';
import type { Difficulty } from '../models/difficulty.ts';
import type { ModelGateway } from '../models/model-gateway.ts';
import { promptVersion } from '../prompts/system-message.ts';
import type { Tool } from '../tools/tool.ts';
import { chooseTurnModel, type ModelQuestion } from './choose-turn-model.ts';
import { type FitTurnOptions, type FittedTurn, fitTurn } from './fit-turn.ts';

/** What is asked, of what and with what, once that has been read. */
export interface WantedAnswer {
  readonly question: string;
  readonly history: readonly Pick<Message, 'role' | 'text'>[];
  /** What to search. */
  readonly knowledgeBases: readonly SearchableKnowledgeBase[];
  /** The tools that the model may be told of, if it can use any. */
  readonly offered: readonly Tool[];
  /** A name or `auto`, as the caller asks for it. */
  readonly model: string | undefined;
  /** What the session was begun with. */
  readonly remembered: string | null | undefined;
  readonly difficulty: Difficulty;
  /** Whether the caller takes a cached answer. */
  readonly useCache: boolean;
  readonly filters: SearchFilters | undefined;
}

/**
 * What a cached answer must have been made of to be given again. The model is the one that is likely before the search.
 * @throws AppError as `chooseTurnModel`
 */
export function cacheFacts(
  gateway: ModelGateway,
  principal: Principal,
  wanted: WantedAnswer,
  inputTokens: number,
): TurnFacts {
  const { question, knowledgeBases, history, offered, filters } = wanted;
  const { model } = chooseTurnModel(gateway, principal, modelQuestion(wanted, inputTokens));
  const tools = usableTools(model, offered);
  const { instructions } = principal.tenantChain[0].policy;
  return {
    question,
    knowledgeBases,
    model: model.name,
    promptVersion: promptVersion(knowledgeBases.length > 0, { instructions, hasTools: tools.length > 0 }),
    tools: tools.map(({ name }) => name),
    hasHistory: history.length > 0,
    // What is kept are answers from all that somebody may see.
    useCache: wanted.useCache && !areNarrowing(filters),
  };
}

/**
 * Chooses the model by what the search has brought, and builds its prompt. `found` is null when nothing was searched.
 * @throws AppError as `chooseTurnModel`
 */
export function chooseAndFit(
  options: FitTurnOptions & { readonly gateway: ModelGateway },
  principal: Principal,
  wanted: WantedAnswer,
  found: readonly Passage[] | null,
): Promise<FittedTurn> {
  const { question, history, offered } = wanted;
  const texts = [question, ...[...history, ...(found ?? [])].map(({ text }) => text)];
  const inputTokens = texts.reduce((sum, text) => sum + estimateTokens(text), 0);
  const choice = chooseTurnModel(options.gateway, principal, modelQuestion(wanted, inputTokens));
  const parts = { passages: found, history, question };
  return fitTurn(options, principal, choice, usableTools(choice.model, offered), parts);
}

function modelQuestion({ model, remembered, offered, difficulty }: WantedAnswer, inputTokens: number): ModelQuestion {
  return { asked: model, remembered, inputTokens, hasTools: offered.length > 0, difficulty };
}

const usableTools = ({ abilities }: ChatCatalogModel, offered: readonly Tool[]) =>
  abilities.includes('tools') ? offered : [];
