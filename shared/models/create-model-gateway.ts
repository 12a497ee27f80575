import type { CatalogModel, ModelCatalog } from '../contracts/models.ts';
import { withSpan } from '../telemetry/span.ts';
import { forbiddenModel, forbiddenRegion, isUsable } from './allowed-model.ts';
import { createModelChooser } from './choose-model.ts';
import type { CooldownStore } from './cooldown-store.ts';
import { createDeploymentPool } from './deployment-pool.ts';
import { type FailoverOptions, sendWithFailover } from './failover.ts';
import { BACKGROUND_LIMITS, CHAT_LIMITS, type GatewayLimits, QUESTION_LIMITS } from './gateway-limits.ts';
import { routeAttributes } from './model-call-span.ts';
import type { GatewayRequest, ModelGateway } from './model-gateway.ts';
import type { ModelTransport } from './model-transport.ts';
import { createSharedCooldowns } from './shared-cooldowns.ts';

export interface ModelGatewayOptions {
  readonly catalog: ModelCatalog;
  readonly transport: ModelTransport;
  readonly now: () => Date;
  readonly random?: () => number;
  /** Left out: every instance finds out for itself which deployments are throttled. */
  readonly cooldowns?: CooldownStore;
  /** Left out: those of `gateway-limits.ts`. */
  readonly limits?: GatewayLimits;
}

export function createModelGateway(options: ModelGatewayOptions): ModelGateway {
  const { catalog, transport, random = Math.random } = options;
  const now = () => options.now().getTime();
  const chooser = createModelChooser(catalog);
  const pool = createDeploymentPool(catalog, now);
  const shared = options.cooldowns && createSharedCooldowns({ store: options.cooldowns, deployments: pool.all, now });
  const failover: FailoverOptions = {
    ...{ transport, now, random },
    onThrottled: (target, until) => shared?.announce(target, until),
  };

  return {
    ...chooser,
    models: ({ tenantChain: [{ policy }] }): CatalogModel[] =>
      catalog.models.filter((model) => isUsable(policy, catalog, model)),
    async send(user, request, signal) {
      const { policy } = user.tenantChain[0];
      const { model, isOperatorsChoice = false } = request;
      if (!isOperatorsChoice && !isUsable(policy, catalog, model)) throw forbiddenModel(user, model.name);
      const candidates = pool.candidates(model, policy);
      if (candidates.length === 0) throw forbiddenRegion(user, model.name);
      shared?.refresh();
      return withSpan('route', { 'platform.route.reason': request.reason }, async (span) => {
        const limits = options.limits ?? limitsOf(request);
        const answer = await sendWithFailover(failover, request, candidates, limits, signal);
        span.set(routeAttributes(answer.route));
        return answer;
      });
    },
  };
}

function limitsOf({ operation, patience }: GatewayRequest): GatewayLimits {
  if (patience === 'background') return BACKGROUND_LIMITS;
  return operation === 'embeddings' ? QUESTION_LIMITS : CHAT_LIMITS;
}
