import { app, type HttpHandler, type HttpRequest, type InvocationContext } from '@azure/functions';
import type { z } from 'zod';
import { AppError } from '../errors.ts';
import type { Principal } from '../identity/principal.ts';
import { findServices, getServices } from '../running-services.ts';
import { currentInvocation } from '../telemetry/invocation.ts';
import { withSpan } from '../telemetry/span.ts';
import { type Act, recordDone, recordRefused } from './audited.ts';
import { corsHeaders } from './cors.ts';
import { type Answer, directResponse } from './direct-response.ts';
import { onceForKey } from './idempotency.ts';
import { openAiErrorReply } from './openai-error-reply.ts';
import {
  type Call,
  type DeclaredOperation,
  declareOperation,
  type Operation,
  type Reply,
  type Requirement,
  type ResponseSpec,
} from './operation.ts';
import { problemReply, toAppError } from './problem.ts';
import { discardUnread, readJson } from './request-body.ts';
import { runRequest } from './traced-request.ts';

const SECURITY_HEADERS = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' };
const MAX_EVENT_ID_CHARACTERS = 100;

/**
 * Declares one route: registers the function, documents it, and turns `handle` into a handler that always answers.
 * Errors become problem+json. Nothing is read from the configuration until the first call.
 */
export function endpoint<
  Q extends Requirement,
  P extends z.ZodObject | undefined = undefined,
  U extends z.ZodObject | undefined = undefined,
  B extends z.ZodType | undefined = undefined,
  R extends Readonly<Record<number, ResponseSpec>> = Readonly<Record<number, ResponseSpec>>,
>(operation: Operation<Q, P, U, B, R>): HttpHandler {
  const declared = operation as unknown as Operation;
  const handler: HttpHandler = async (request, context) =>
    directResponse(await runRequest(declared, request, context, () => answer(operation, request, context)));
  declareOperation(declared);
  app.http(operation.name, {
    methods: [operation.method],
    authLevel: 'anonymous',
    route: operation.route,
    handler,
  });
  return handler;
}

async function answer<
  Q extends Requirement,
  P extends z.ZodObject | undefined,
  U extends z.ZodObject | undefined,
  B extends z.ZodType | undefined,
  R extends Readonly<Record<number, ResponseSpec>>,
>(operation: Operation<Q, P, U, B, R>, request: HttpRequest, context: InvocationContext): Promise<Answer> {
  const startedAt = performance.now();
  const traceId = currentInvocation()?.traceId ?? '';
  const act: Act = { operation: operation as unknown as Operation };
  let response: Answer;
  try {
    act.principal = await authenticate(operation.permission, request);
    act.params = operation.params?.safeParse(request.params).data;
    requirePermission(operation.permission, act.principal);
    act.params = parse(operation.params, request.params, 'path');
    act.query = operation.query && parse(operation.query, Object.fromEntries(request.query), 'query string');
    act.body = operation.body
      ? parse(operation.body, await readJson(request, operation.maxBodyBytes), 'body')
      : undefined;
    const call: Call<Q, P, U, B> = {
      principal: act.principal as never,
      params: act.params as never,
      query: act.query as never,
      body: act.body as never,
      ifMatch: ifMatchOf(request),
      lastEventId: request.headers.get('last-event-id')?.slice(0, MAX_EVENT_ID_CHARACTERS) ?? undefined,
      request,
      get services() {
        return getServices();
      },
    };
    const reply = await handleOnce(operation, call, act);
    if (!operation.body) await discardUnread(request);
    response = toAnswer(reply, defaultStatusOf(operation.responses));
  } catch (thrown) {
    const error = toAppError(thrown);
    response = toRefusal(operation, error, request, traceId, context);
    await Promise.all([discardUnread(request), recordRefused(act, error)]);
  }
  findServices()?.log.info('request', {
    method: operation.method,
    route: operation.route,
    status: response.status,
    milliseconds: Math.round(performance.now() - startedAt),
  });
  return withStandardHeaders(response, request, traceHeaders(operation.errors, traceId));
}

function handleOnce<
  Q extends Requirement,
  P extends z.ZodObject | undefined,
  U extends z.ZodObject | undefined,
  B extends z.ZodType | undefined,
  R extends Readonly<Record<number, ResponseSpec>>,
>(operation: Operation<Q, P, U, B, R>, call: Call<Q, P, U, B>, act: Act) {
  const { principal, request, params, query, body } = call;
  const { idempotent } = operation;
  const run = async () => {
    const reply = await operation.handle(call);
    await recordDone(act, reply);
    return reply;
  };
  if (!idempotent || !principal) return run();
  return onceForKey({
    calls: call.services.idempotentCalls,
    operation: operation.name,
    principal,
    request,
    asked: { params, query, body },
    defaultStatus: defaultStatusOf(operation.responses),
    keep: (answered) => (idempotent === true ? answered : idempotent(answered)),
    run,
  });
}

const defaultStatusOf = (responses: object) => Number(Object.keys(responses)[0]);

/** `*` asks only that the thing exists, which every change does anyway. */
function ifMatchOf(request: HttpRequest): string | undefined {
  const condition = request.headers.get('if-match')?.trim();
  return condition === '*' ? undefined : condition || undefined;
}

async function authenticate(requirement: Requirement, request: HttpRequest): Promise<Principal | null> {
  if (requirement === 'public') return null;
  const credentials = {
    authorization: request.headers.get('authorization'),
    apiKey: request.headers.get('api-key'),
    bypass: request.headers.get('x-dev-bypass') === 'true',
  };
  const principal = await withSpan('authenticate', {}, () => getServices().authenticator.authenticate(credentials));
  const invocation = currentInvocation();
  if (invocation) Object.assign(invocation, { tenantId: principal.tenantId, userId: principal.userId });
  return principal;
}

function requirePermission(requirement: Requirement, principal: Principal | null): void {
  if (requirement === 'public' || requirement === 'signed-in' || principal?.permissions.has(requirement)) return;
  throw new AppError(
    'forbidden',
    `This needs the permission ${requirement}. Ask your administrator for a role that has it.`,
  );
}

function parse(schema: z.ZodType | undefined, value: unknown, place: string): unknown {
  if (!schema) return undefined;
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new AppError('validation_failed', `The ${place} is not as it should be; see \`errors\`.`, {
    cause: parsed.error,
  });
}

function toAnswer(reply: Reply, defaultStatus: number): Answer {
  const status = reply.status ?? defaultStatus;
  const headers: Record<string, string> = { ...reply.headers, ...(reply.etag && { etag: reply.etag }) };
  if (reply.raw) {
    return { status, headers: { ...headers, 'content-type': reply.raw.contentType }, content: reply.raw.content };
  }
  if (reply.body === undefined) return { status, headers };
  return { status, headers: { ...headers, 'content-type': 'application/json' }, content: JSON.stringify(reply.body) };
}

function toRefusal(
  { errors, refusalHeaders }: Pick<DeclaredOperation, 'errors' | 'refusalHeaders'>,
  error: AppError,
  request: HttpRequest,
  traceId: string,
  context: InvocationContext,
): Answer {
  const { status, headers, body } = errors === 'openai' ? openAiErrorReply(error) : problemReply(error, traceId);
  if (status >= 500) {
    const log = findServices()?.log;
    if (log) log.error('request failed', { error });
    else context.error(error.message);
  }
  return { status, headers: { ...headers, ...refusalHeaders?.(error, request) }, content: JSON.stringify(body) };
}

function traceHeaders(shape: DeclaredOperation['errors'], traceId: string): Readonly<Record<string, string>> {
  return { 'x-trace-id': traceId, ...(shape === 'openai' && { 'x-request-id': traceId }) };
}

function withStandardHeaders(answer: Answer, request: HttpRequest, trace: Readonly<Record<string, string>>): Answer {
  const cors = corsHeaders(request.headers.get('origin'), findServices()?.config.corsOrigins ?? []);
  return { ...answer, headers: { ...SECURITY_HEADERS, ...cors, ...trace, ...answer.headers } };
}
