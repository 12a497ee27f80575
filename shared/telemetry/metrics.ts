import { counter, histogram } from './instrument.ts';
import type { GenAiOperation } from './span-attributes.ts';

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
const WAITING_SECONDS = [0.1, 0.5, 1, 5, 15, 60, 300, 900, 3_600, 86_400];

/** How a call ended: `ok`, or the code of its error. */
type Outcome = string;

/**
 * Every instrument of the platform. Labels have few values each: routes are declared; models, deployments, regions, tools
 * and queues are configured; a tenant is named by `tenantLabel` only.
 */
export const metrics = {
  requestDuration: histogram<{
    'http.request.method': string;
    'http.route': string;
    'http.response.status_code': number;
  }>('http.server.request.duration', {
    description: 'Requests by route and status, until the answer has begun',
    unit: 's',
    buckets: SECONDS,
  }),
  timeToFirstToken: histogram<{ 'gen_ai.request.model': string }>('gen_ai.server.time_to_first_token', {
    description: 'From asking a model to the first word of its answer',
    unit: 's',
    buckets: SECONDS,
  }),
  modelCallDuration: histogram<{
    'gen_ai.operation.name': GenAiOperation;
    'gen_ai.request.model': string;
    deployment: string;
    region: string;
    outcome: Outcome;
  }>('gen_ai.client.operation.duration', {
    description: 'Attempts at deployments, by how they ended',
    unit: 's',
    buckets: SECONDS,
  }),
  failovers: counter<{ 'gen_ai.request.model': string; from: string; outcome: Outcome }>('platform.failovers', {
    description: 'Attempts after which another deployment was asked',
    unit: '{failover}',
  }),
  tokens: counter<{
    model: string;
    kind: string;
    direction: 'input' | 'cached_input' | 'output';
    tenant: string;
  }>('platform.tokens', { description: 'Tokens that models took and gave', unit: '{token}' }),
  cost: counter<{ model: string; kind: string; tenant: string }>('platform.cost', {
    description: 'What model calls cost, in micro-dollars',
    unit: '{microdollar}',
  }),
  saved: counter<{ model: string; tenant: string }>('platform.cost.saved', {
    description: 'What cached answers would have cost, in micro-dollars',
    unit: '{microdollar}',
  }),
  cacheLookups: counter<{ status: 'hit' | 'miss' | 'bypass'; tenant: string }>('platform.cache.lookups', {
    description: 'Turns by what the semantic cache had for them',
    unit: '{turn}',
  }),
  reranks: counter<{ outcome: 'ok' | 'failed' | 'paused' }>('platform.reranks', {
    description: 'Searches whose passages a reranker was to judge',
    unit: '{search}',
  }),
  toolDuration: histogram<{ tool: string; outcome: Outcome }>('platform.tool.duration', {
    description: 'Calls of tools, by how they ended',
    unit: 's',
    buckets: SECONDS,
  }),
  messageDuration: histogram<{ queue: string; outcome: 'ok' | 'failed' }>('platform.queue.message.duration', {
    description: 'Work on a message',
    unit: 's',
    buckets: SECONDS,
  }),
  messageAge: histogram<{ queue: string }>('platform.queue.message.age', {
    description: 'How long a message had waited when work on it began',
    unit: 's',
    buckets: WAITING_SECONDS,
  }),
  refusals: counter<{ reason: string; tenant: string }>('platform.limit.refusals', {
    description: 'Calls that a limit or budget refused',
    unit: '{call}',
  }),
  budgetWarnings: counter<{ scope: string; threshold: number; tenant: string }>('platform.budget.warnings', {
    description: 'Budgets that have passed a threshold',
    unit: '{warning}',
  }),
  documents: counter<{ outcome: 'ready' | 'failed'; tenant: string }>('platform.documents', {
    description: 'Documents whose processing has ended',
    unit: '{document}',
  }),
  reconciled: counter<{ finding: string; tenant: string }>('platform.reconciled', {
    description: 'What events or messages had missed, by what it was',
    unit: '{finding}',
  }),
  screened: counter<{ kind: string; outcome: 'held' | 'flagged'; tenant: string }>('platform.documents.screened', {
    description: 'Documents in which something was found before indexing, by kind and by what was done with them',
    unit: '{document}',
  }),
  chunks: counter<{ tenant: string }>('platform.chunks', {
    description: 'Chunks that were embedded and indexed',
    unit: '{chunk}',
  }),
  telemetryLost: counter<{ backend: string; reason: 'queue-full' | 'not-delivered' }>('platform.telemetry.lost', {
    description: 'Spans that never reached their backend',
    unit: '{span}',
  }),
};
