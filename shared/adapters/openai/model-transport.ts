import type { Agent } from 'undici';
import type { DeploymentTarget, ModelTransport } from '../../models/model-transport.ts';
import { lazily } from '../lazily.ts';
import { createModelAttempt } from './model-attempt.ts';
import { createModelCredentials } from './model-credentials.ts';
import { addressOf, bodyFor, type RequestAddress } from './model-endpoint.ts';

const CONNECTIONS_PER_ORIGIN = 256;
const CONNECT_TIMEOUT_MILLISECONDS = 5_000;
/** Shorter than what the services keep, so that we do not write to a connection that is just being closed. */
const KEEP_ALIVE_MILLISECONDS = 30_000;

/** For a connection that stays open after its answer; the times of an answer are ours to watch, to the millisecond. */
const IDLE_MILLISECONDS = 120_000;

/** Connections to all model services, made with their first use. */
export const modelAgent = lazily(async (): Promise<Agent> => {
  // Its names are not there in the bundle, which makes a module of all that CommonJS exports.
  const { default: undici } = await import('undici');
  return new undici.Agent({
    connections: CONNECTIONS_PER_ORIGIN,
    pipelining: 1,
    keepAliveTimeout: KEEP_ALIVE_MILLISECONDS,
    headersTimeout: 0,
    bodyTimeout: IDLE_MILLISECONDS,
    connect: { timeout: CONNECT_TIMEOUT_MILLISECONDS },
  });
});

/** Azure OpenAI by its deployment paths or its v1 paths, and any service that speaks OpenAI's protocol. */
export function createModelTransport(keys: ReadonlyMap<string, string>): ModelTransport {
  const credentials = createModelCredentials(keys);
  const addresses = new Map<DeploymentTarget, RequestAddress>();
  let agent: Agent | undefined;

  return {
    async begin(target, request, timeouts, signal) {
      signal.throwIfAborted();
      agent ??= await modelAgent();
      const proof = credentials(target.deployment.endpoint, target.endpoint);
      const headers = proof instanceof Promise ? await proof : proof;
      const address = addresses.get(target) ?? addressOf(target, request.operation);
      addresses.set(target, address);
      signal.throwIfAborted();
      const { handler, begun } = createModelAttempt(target, request, timeouts, signal);
      agent.dispatch({ ...address, method: 'POST', headers: { ...headers }, body: bodyFor(target, request) }, handler);
      return begun;
    },
  };
}
