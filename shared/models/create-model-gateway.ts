import type { CatalogModel, ModelCatalog } from '../contracts/models.ts';
import { forbiddenModel, isUsable } from './allowed-model.ts';
import { createModelChooser } from './choose-model.ts';
import { createDeploymentPool } from './deployment-pool.ts';
import { sendWithFailover } from './failover.ts';
import { BACKGROUND_LIMITS, CHAT_LIMITS, type GatewayLimits, QUESTION_LIMITS } from './gateway-limits.ts';
import type { GatewayRequest, ModelGateway } from './model-gateway.ts';
import type { ModelTransport } from './model-transport.ts';

export interface ModelGatewayOptions {
  readonly catalog: ModelCatalog;
  readonly transport: ModelTransport;
  readonly now: () => Date;
  readonly random?: () => number;
  /** Left out: those of `gateway-limits.ts`. */
  readonly limits?: GatewayLimits;
}

export function createModelGateway(options: ModelGatewayOptions): ModelGateway {
  const { catalog, transport, random = Math.random } = options;
  const now = () => options.now().getTime();
  const chooser = createModelChooser(catalog);
  const pool = createDeploymentPool(catalog, now);
  const failover = { transport, now, random, onThrottled: () => undefined };

  return {
    ...chooser,
    models: ({ tenantChain: [{ policy }] }): CatalogModel[] =>
      catalog.models.filter((model) => isUsable(policy, catalog, model)),
    async send(user, request, signal) {
      const { policy } = user.tenantChain[0];
      const candidates = isUsable(policy, catalog, request.model) ? pool.candidates(request.model, policy) : [];
      if (candidates.length === 0) throw forbiddenModel(user, request.model.name);
      return sendWithFailover(failover, request, candidates, options.limits ?? limitsOf(request), signal);
    },
  };
}

function limitsOf({ operation, patience }: GatewayRequest): GatewayLimits {
  if (patience === 'background') return BACKGROUND_LIMITS;
  return operation === 'embeddings' ? QUESTION_LIMITS : CHAT_LIMITS;
}
