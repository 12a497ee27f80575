import { createChatModel } from '../../../shared/adapters/openai/chat-model.ts';
import { createModelTransport } from '../../../shared/adapters/openai/model-transport.ts';
import type { ChatCatalogModel, ModelCatalog } from '../../../shared/contracts/models.ts';
import type { Policy } from '../../../shared/contracts/policy.ts';
import type { ChatModelEvent, ChatModelRequest } from '../../../shared/models/chat-model.ts';
import { createModelGateway, type ModelGatewayOptions } from '../../../shared/models/create-model-gateway.ts';
import { CHAT_LIMITS } from '../../../shared/models/gateway-limits.ts';
import type { ModelGateway, ModelUser } from '../../../shared/models/model-gateway.ts';

export const quickChat = { ...CHAT_LIMITS, firstDelay: 1 };

export const request: ChatModelRequest = {
  messages: [{ role: 'user', content: 'How many days?' }],
  maxOutputTokens: 100,
};

export const userWith = (policy: Policy = {}): ModelUser => ({ tenantChain: [{ id: 'ten_test', policy }] });

type EndpointFacts = Partial<ModelCatalog['endpoints'][string]>;

export interface Place extends EndpointFacts {
  readonly url: string;
  readonly key?: string;
  readonly priority?: number;
  readonly weight?: number;
}

/** A catalog with one chat and one embedding model, deployed at every place under the place's name. */
export function catalogAt(places: Readonly<Record<string, Place>>, chat: Partial<ChatCatalogModel> = {}): ModelCatalog {
  const deployments = (deployment: string) =>
    Object.entries(places).map(([endpoint, { priority = 1, weight = 1 }]) => ({
      ...{ endpoint, deployment, priority, weight },
    }));
  return {
    endpoints: Object.fromEntries(
      Object.entries(places).map(([name, { url, key, priority: _, weight: __, ...facts }]) => [
        name,
        {
          kind: 'azure',
          url,
          region: name,
          zone: name,
          ...(key && { apiKeySetting: 'AZURE_OPENAI_API_KEY' }),
          ...facts,
        },
      ]),
    ),
    models: [
      {
        kind: 'chat',
        name: 'chat',
        contextTokens: 16_000,
        maxOutputTokens: 1_024,
        size: 'small',
        abilities: [],
        prices: [],
        deployments: deployments('chat-1'),
        ...chat,
      },
      {
        kind: 'embedding',
        name: 'embedding',
        contextTokens: 8_000,
        dimensions: 2,
        prices: [],
        deployments: deployments('embed-1'),
      },
    ],
  };
}

/** A gateway over real connections to the places. */
export function gatewayAt(
  places: Readonly<Record<string, Place>>,
  options: Partial<ModelGatewayOptions> = {},
): ModelGateway {
  const keys = Object.entries(places).map(([name, { key }]) => [name, key ?? 'secret'] as const);
  return createModelGateway({
    catalog: catalogAt(places),
    transport: createModelTransport(new Map(keys)),
    now: () => new Date(),
    limits: quickChat,
    ...options,
  });
}

export interface Collected {
  readonly events: readonly ChatModelEvent[];
  readonly text: string;
  readonly finish: ChatModelEvent | undefined;
  readonly region: string | undefined;
  readonly attempts: number | undefined;
  readonly error: unknown;
}

/** Asks the chat model and takes note of everything that comes. */
export async function collect(
  gateway: ModelGateway,
  {
    user = userWith(),
    signal = new AbortController().signal,
    asked = request,
  }: { user?: ModelUser; signal?: AbortSignal; asked?: ChatModelRequest } = {},
): Promise<Collected> {
  const events: ChatModelEvent[] = [];
  let error: unknown = null;
  try {
    const choice = gateway.choose(user, { model: undefined, inputTokens: 10, needs: [] });
    for await (const event of createChatModel(gateway).stream(user, choice, asked, signal)) events.push(event);
  } catch (caught) {
    error = caught;
  }
  const route = events.find((event) => event.type === 'route')?.route;
  return {
    events,
    text: events.map((event) => (event.type === 'text' ? event.text : '')).join(''),
    finish: events.find((event) => event.type === 'finish'),
    region: route?.region,
    attempts: route?.attempts,
    error,
  };
}
