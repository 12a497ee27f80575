import type { CatalogModel, ModelDeployment, ModelEndpoint } from '../contracts/models.ts';
import type { GatewayAnswer, GatewayRequest } from './model-gateway.ts';

/** A deployment and where it is. */
export interface DeploymentTarget {
  /** `{endpoint}/{deployment}`: what is known of it under this name holds for every model that it serves. */
  readonly key: string;
  readonly model: CatalogModel;
  readonly deployment: ModelDeployment;
  readonly endpoint: ModelEndpoint;
}

/** How long an attempt may take, in milliseconds. */
export interface AttemptTimeouts {
  /** Until the first token, or until an answer that comes whole is there. */
  readonly firstToken: number;
  /** Between two pieces after it. */
  readonly stall: number;
  /** The whole answer. */
  readonly total: number;
}

/** An answer that has begun, as one deployment gives it. */
export type BegunAnswer = Omit<GatewayAnswer, 'route'>;

/** Speaks with the service behind a deployment. It tries once. */
export interface ModelTransport {
  /** Resolves with the first token. @throws AttemptError; the signal's reason when that aborts. */
  begin(
    target: DeploymentTarget,
    request: GatewayRequest,
    timeouts: AttemptTimeouts,
    signal: AbortSignal,
  ): Promise<BegunAnswer>;
}
