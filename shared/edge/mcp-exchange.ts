import type { HttpRequest } from '@azure/functions';
import { AppError, isAppError } from '../errors.ts';
import type { Principal } from '../identity/principal.ts';
import type { Services } from '../services.ts';
import type { Reply } from './operation.ts';
import { readJson } from './request-body.ts';

const PARSE_ERROR = -32_700;
const INVALID_REQUEST = -32_600;

/** A message of an MCP client and its answer. What JSON-RPC has a word for is said in JSON-RPC, the rest as problem details. */
export async function exchangeMcpMessage(call: {
  readonly principal: Principal;
  readonly request: HttpRequest;
  readonly services: Services;
}): Promise<Reply<never>> {
  const { principal, request, services } = call;
  requireKnownOrigin(request, services.config.corsOrigins);
  const body = await readMessage(request);
  if ('refusal' in body) return rpcError(body.refusal);
  const protocolVersion = request.headers.get('mcp-protocol-version');
  const { status, json } = await services.mcp.answer(principal, { message: body.message, protocolVersion });
  return json === null ? { status } : { status, raw: { contentType: 'application/json', content: json } };
}

/** The answer to other methods, with which a client would open a stream or end a session. */
export async function refuseMcpMethod(): Promise<never> {
  throw new AppError('method_not_allowed', 'There are no sessions and no streams of their own here. Send a POST.');
}

/** A page of somebody else's must not reach us by a name that it has pointed at us. Programs send no origin. */
function requireKnownOrigin(request: HttpRequest, allowed: readonly string[]): void {
  const origin = request.headers.get('origin');
  if (origin === null || allowed.includes(origin)) return;
  throw new AppError('forbidden', 'Pages of this origin may not call. The operator can add it to CORS_ORIGINS.');
}

interface RpcRefusal {
  readonly code: number;
  readonly message: string;
}

async function readMessage(request: HttpRequest): Promise<{ message: unknown } | { refusal: RpcRefusal }> {
  try {
    const message = await readJson(request);
    if (!Array.isArray(message)) return { message };
    return { refusal: { code: INVALID_REQUEST, message: 'Send one message at a time: there are no batches.' } };
  } catch (error) {
    if (!isAppError(error, 'bad_request')) throw error;
    return { refusal: { code: PARSE_ERROR, message: error.message } };
  }
}

function rpcError(error: RpcRefusal): Reply<never> {
  const content = JSON.stringify({ jsonrpc: '2.0', error, id: null });
  return { status: 400, raw: { contentType: 'application/json', content } };
}
