import type { GatewayRequest } from '../../models/model-gateway.ts';
import type { DeploymentTarget } from '../../models/model-transport.ts';

/** Of the deployment paths, where an endpoint names none. */
export const API_VERSION = '2024-10-21';
const OPERATION_PATHS = { chat: 'chat/completions', embeddings: 'embeddings' } as const;

/** Where requests of an operation to a deployment go. */
export interface RequestAddress {
  readonly origin: string;
  readonly path: string;
}

export function addressOf(
  { endpoint, deployment }: Pick<DeploymentTarget, 'endpoint' | 'deployment'>,
  operation: GatewayRequest['operation'],
): RequestAddress {
  const { origin, pathname } = new URL(endpoint.url);
  const base = pathname.replace(/\/+$/, '');
  const name = OPERATION_PATHS[operation];
  switch (endpoint.kind) {
    case 'azure': {
      const version = encodeURIComponent(endpoint.apiVersion ?? API_VERSION);
      const path = `openai/deployments/${encodeURIComponent(deployment.deployment)}/${name}`;
      return { origin, path: `${base}/${path}?api-version=${version}` };
    }
    case 'azure-v1': {
      const version = endpoint.apiVersion ? `?api-version=${encodeURIComponent(endpoint.apiVersion)}` : '';
      return { origin, path: `${base}/openai/v1/${name}${version}` };
    }
    default:
      return { origin, path: `${base}/${name}` };
  }
}

/** The body for a deployment: what the caller asks for, and what the service needs to know of the deployment. */
export function bodyFor({ endpoint, deployment }: DeploymentTarget, request: GatewayRequest): string {
  const { body, maxOutputTokens, stream } = request;
  return JSON.stringify({
    ...body,
    model: deployment.deployment,
    ...(stream && { stream: true, stream_options: { include_usage: true } }),
    ...(maxOutputTokens !== undefined && { [limitName(endpoint.kind)]: maxOutputTokens }),
  });
}

/** Reasoning models accept only the new name, most compatible services know only the old one. */
const limitName = (kind: DeploymentTarget['endpoint']['kind']) =>
  kind === 'openai' ? 'max_tokens' : 'max_completion_tokens';
