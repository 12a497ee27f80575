/**
 * A model server that speaks the API of Azure OpenAI, for development and tests on one machine.
 *
 * It imitates the wire: classic and v1 paths, streaming frames, usage, content filter results, errors, throttling, and several
 * regions, each behind `/regions/{region}`, with prompt caches and planned failures of their own. It does
 * not imitate the models: `local-extractive` and its larger sister only quote sentences of given passages (English works best), ignores
 * `temperature`, `seed` and `logprobs`, and sees no images; `local-embedding` is the Universal Sentence Encoder Lite with 512
 * dimensions. It has no quota, no real content filter, no assistants, responses, audio, images, batches or fine-tuning, it
 * accepts any key, and it keeps nothing between two starts.
 */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Emulator, EmulatorOptions } from '../emulator.ts';
import { answerChat } from './chat-route.ts';
import { answerControl, type Control } from './control-route.ts';
import { deployments, describeDeployment } from './deployments.ts';
import { createEmbedder } from './embedder.ts';
import { answerEmbeddings } from './embeddings-route.ts';
import { accessDenied, deploymentNotFound, invalidRequest, resourceNotFound } from './errors.ts';
import { createFailurePlan } from './failures.ts';
import { readJson, sendError, sendJson } from './http-exchange.ts';
import type { Models } from './model-call.ts';
import { paceSettings } from './pacing.ts';
import { plannedError } from './planned-errors.ts';
import { createRegionalPromptCaches } from './prompt-cache.ts';
import { createRequestLog } from './request-log.ts';
import { type Route, routeOf, splitRegion } from './routing.ts';
import { loadTokenizer } from './token-counting.ts';

const KEEP_ALIVE_MS = 60_000;
const REQUESTS_LEFT = '999';
const TOKENS_LEFT = '999000';

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly id: string;
  /** Where the request went: regions share nothing but this process. */
  readonly region: string;
}

/** Starts the server; the models load after it listens, and the first requests wait for them. */
export async function startModelServer({ port, stateDirectory }: EmulatorOptions): Promise<Emulator> {
  await mkdir(stateDirectory, { recursive: true });
  const models: Models = { embedder: createEmbedder(), promptCaches: createRegionalPromptCaches() };
  const control: Control = { failures: createFailurePlan(), log: createRequestLog(), pace: paceSettings.parse({}) };
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS, noDelay: true }, (request, response) => {
    const { region } = splitRegion(new URL(request.url ?? '/', 'http://localhost').pathname);
    const exchange = { request, response, region, id: randomUUID() };
    answer(exchange, models, control).catch((error) => sendError(response, error));
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const loading = setImmediate(() => {
    models.embedder.load();
    void loadTokenizer();
  });

  let stopping: Promise<void> | undefined;
  const stop = async () => {
    clearImmediate(loading);
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await Promise.all([closed, models.embedder.stop()]);
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () => {
      stopping ??= stop();
      return stopping;
    },
  };
}

async function answer(exchange: Exchange, models: Models, control: Control): Promise<void> {
  const { request, response, region, id } = exchange;
  response.setHeader('x-request-id', id);
  response.setHeader('apim-request-id', id);
  response.setHeader('x-ms-region', region);
  const url = new URL(request.url ?? '/', 'http://localhost');
  const route = routeOf(request.method ?? '', url);
  if (route?.kind === 'control') return answerControl(route.name, control, request, response);
  if (!hasKey(request)) throw accessDenied();
  if (!route) throw resourceNotFound();
  if (route.kind === 'call') return answerCall(route, exchange, models, control);
  if (route.kind === 'models')
    return sendJson(response, 200, { object: 'list', data: deployments.map(describeDeployment) });
  sendJson(response, 200, describeDeployment(deploymentNamed(route.name)));
}

function hasKey({ headers }: IncomingMessage): boolean {
  return Boolean(headers['api-key']) || /^Bearer \S/.test(headers.authorization ?? '');
}

function deploymentNamed(name: string) {
  const deployment = deployments.find((candidate) => candidate.name === name);
  if (!deployment) throw deploymentNotFound();
  return deployment;
}

async function answerCall(route: Route & { kind: 'call' }, exchange: Exchange, models: Models, control: Control) {
  const { request, response, region, id } = exchange;
  const body = await readJson(request);
  const deployment = deploymentNamed(route.name ?? modelOf(body));
  if (deployment.operation !== route.operation) {
    throw invalidRequest(
      `The ${route.operation} operation does not work with the deployment ${deployment.name}.`,
      'model',
      'OperationNotSupported',
    );
  }
  const record = control.log.start(id, deployment, region);
  const aborting = new AbortController();
  response.on('close', () => {
    record.status = response.headersSent ? response.statusCode : undefined;
    record.aborted = !response.writableFinished && record.failure !== 'cut-stream';
    aborting.abort();
    control.log.finish(record);
  });
  try {
    const failure = control.failures.take(deployment, region, request.headers['x-local-failure']?.toString());
    record.failure = failure?.kind;
    const refusal = plannedError(failure, deployment);
    if (refusal) throw refusal;
    response.setHeader('x-ratelimit-remaining-requests', REQUESTS_LEFT);
    response.setHeader('x-ratelimit-remaining-tokens', TOKENS_LEFT);
    const call = { deployment, body, response, signal: aborting.signal, failure, pace: control.pace, record, models };
    await (deployment.operation === 'chat' ? answerChat(call) : answerEmbeddings(call));
  } catch (error) {
    if (!aborting.signal.aborted) throw error;
  }
}

function modelOf(body: unknown): string {
  const model = typeof body === 'object' && body !== null && 'model' in body ? body.model : undefined;
  if (typeof model !== 'string') throw invalidRequest('you must provide a model parameter', 'model');
  return model;
}
