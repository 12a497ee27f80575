import { z } from 'zod';
import { RunId } from '../shared/contracts/identifiers.ts';
import { endpoint } from '../shared/edge/endpoint.ts';
import { runStream } from '../shared/edge/run-stream.ts';

const params = z.object({ runId: RunId });
const EventId = z.coerce.number().int().nonnegative().catch(0);

export const runEvents = endpoint({
  name: 'runs-events',
  method: 'GET',
  route: 'api/v1/runs/{runId}/events',
  summary: 'Follow an answer again',
  description: 'Send `Last-Event-ID` to get only what came after it. Any instance can answer.',
  tag: 'Runs',
  permission: 'chat:use',
  params,
  responses: { 200: { contentType: 'text/event-stream', description: 'UI message chunks' } },
  handle: async ({ principal, params: { runId }, lastEventId, services }) =>
    runStream(await services.runs.resume(principal, runId, EventId.parse(lastEventId ?? 0))),
});

export const runStop = endpoint({
  name: 'runs-stop',
  audit: 'run.stopped',
  method: 'POST',
  route: 'api/v1/runs/{runId}/stop',
  summary: 'Stop an answer; what was said so far is kept',
  tag: 'Runs',
  permission: 'chat:use',
  params,
  responses: { 202: null },
  handle: async ({ principal, params: { runId }, services }) => {
    await services.runs.stop(principal, runId);
    return {};
  },
});
