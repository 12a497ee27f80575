import { randomUUID } from 'node:crypto';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { AccountStore } from './account-store.ts';
import { matchRoute } from './cosmosdb-server.ts';
import { answerDocumentRequest, type DocumentResponse } from './document-routes.ts';

const DOCUMENTS_PATH = /^\/+dbs\/([^/]+)\/colls\/([^/]+)\/docs(?:\/([^/]+))?\/?$/;
/** Cosmos DB's own limit for one item. */
const MAX_BODY_BYTES = 2 * 1024 * 1024;

/** Answers the Cosmos DB REST API: documents by our own rules, everything else by the package's routes. */
export function createRequestHandler(store: AccountStore): RequestListener {
  return (request, response) => {
    answer(store, request, response)
      .catch((error: unknown): DocumentResponse => {
        const message = error instanceof Error ? error.message : String(error);
        return { statusCode: 500, body: { code: 'InternalServerError', message } };
      })
      .then((answered) => send(request, response, answered))
      .catch(() => response.destroy());
  };
}

async function answer(
  store: AccountStore,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<DocumentResponse> {
  const path = new URL(`http://localhost${request.url ?? '/'}`.replace('localhost//', 'localhost/')).pathname;
  const match = DOCUMENTS_PATH.exec(path);
  if (!match) return answerByPackage(store, request, response);
  const [database = '', collection = '', id] = match.slice(1).map((part) => part && decodeURIComponent(part));
  const body = await readJson(request);
  if (body === TOO_LARGE) return { statusCode: 413, body: { code: 'RequestEntityTooLarge', message: 'Over 2 MB.' } };
  const documents = store.documentsOf(database, collection);
  if (!documents) return notFound();
  const answered = answerDocumentRequest({
    documents,
    method: request.method ?? 'GET',
    id,
    headers: request.headers,
    body,
  });
  store.save({ schemaChanged: false });
  return answered;
}

async function answerByPackage(
  store: AccountStore,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<DocumentResponse> {
  const route = matchRoute(request);
  if (!route) return { statusCode: 400, body: { code: 'BadRequest', message: 'no route' } };
  const [params, handle] = route;
  const body = await handle(store.account, request, response, params);
  const isRead = request.method === 'GET' || request.headers['x-ms-documentdb-isquery'] === 'true';
  if (!isRead) store.save({ schemaChanged: true });
  return { statusCode: response.statusCode, body };
}

function send(request: IncomingMessage, response: ServerResponse, answered: DocumentResponse): void {
  const { statusCode, body, headers } = answered;
  const etag = body?._etag;
  response.writeHead(statusCode, {
    'content-type': 'application/json',
    'content-location': `https://${request.headers.host}${request.url}`,
    'x-ms-activity-id': randomUUID(),
    'x-ms-request-charge': '1',
    ...(typeof etag === 'string' ? { etag } : {}),
    ...headers,
  });
  if (statusCode === 204) response.end();
  else response.end(JSON.stringify(statusCode >= 400 ? { message: '', ...body } : body));
}

const TOO_LARGE = Symbol('too large');

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= MAX_BODY_BYTES) chunks.push(chunk);
  }
  if (size > MAX_BODY_BYTES) return TOO_LARGE;
  return size === 0 ? undefined : JSON.parse(Buffer.concat(chunks).toString('utf8'));
}

function notFound(): DocumentResponse {
  return { statusCode: 404, body: { code: 'NotFound', message: 'The database or the container does not exist.' } };
}
