import { z } from 'zod';
import { RunId } from '../shared/contracts/identifiers.ts';
import { RunApprovals } from '../shared/contracts/runs.ts';
import { turnHeaders } from '../shared/edge/answer-headers.ts';
import { endpoint } from '../shared/edge/endpoint.ts';
import { runStream } from '../shared/edge/run-stream.ts';

const params = z.object({ runId: RunId });
const EventId = z.coerce.number().int().nonnegative().catch(0);

/** HTTP clients name JSON beside other types (`application/json, text/plain, …`); who can read events gets them. */
const wantsJson = (accept: string | null) =>
  /application\/json/i.test(accept ?? '') && !/text\/event-stream/i.test(accept ?? '');

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

export const runApprovals = endpoint({
  name: 'runs-approvals',
  audit: 'run.decided',
  method: 'POST',
  route: 'api/v1/runs/{runId}/approvals',
  summary: 'Approve or deny the tools that an answer waits for, and go on with it',
  description:
    'Decides on all calls that wait, once, within 24 hours, from any instance. The answer goes on as a stream of events ' +
    'that are numbered on; with `Accept: application/json` it comes whole, as from `/api/v1/chat`.',
  tag: 'Runs',
  permission: 'chat:use',
  params,
  body: RunApprovals,
  responses: { 200: { contentType: 'text/event-stream', description: 'UI message chunks' } },
  handle: async ({ principal, params: { runId }, body: { decisions }, request, services }) => {
    const run = await services.chat.resume(principal, runId, decisions);
    const headers = turnHeaders(run);
    if (!wantsJson(request.headers.get('accept'))) return runStream(run.entries(), headers);
    return { headers, raw: { contentType: 'application/json', content: JSON.stringify(await run.answer) } };
  },
});
