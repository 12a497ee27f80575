import type { IncomingHttpHeaders } from 'node:http';
import type { CollectionDocuments, Page } from './collection-documents.ts';
import { operations, type PackageCollection, patchOperation } from './cosmosdb-server.ts';
import { type PartitionKey, parsePartitionKeyHeader, partitionKeyOf, partitionName } from './partition-key.ts';

/** A request about the documents of one collection. */
export interface DocumentRequest {
  readonly documents: CollectionDocuments;
  readonly method: string;
  /** Undefined when the request is about the collection's whole feed. */
  readonly id: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
}

export interface DocumentResponse {
  readonly statusCode: number;
  readonly body?: Record<string, unknown> | undefined;
  readonly headers?: Record<string, string>;
}

type Fields = Record<string, unknown>;

/** There is one physical partition, so a client has nothing to sort, merge or sum up itself. */
const QUERY_PLAN = {
  partitionedQueryExecutionInfoVersion: 2,
  queryInfo: { distinctType: 'None', orderBy: [], orderByExpressions: [], groupByExpressions: [], aggregates: [] },
  queryRanges: [{ min: '', max: 'FF', isMinInclusive: true, isMaxInclusive: false }],
};
const PARTITION_KEY_HEADER = 'x-ms-documentdb-partitionkey';

/** Answers a request about documents, which sees no other partition than the one that it names. */
export function answerDocumentRequest(request: DocumentRequest): DocumentResponse {
  const { method, headers, id } = request;
  if (headers['x-ms-cosmos-is-query-plan-request']) return { statusCode: 200, body: QUERY_PLAN };
  if (method === 'POST' && isQuery(headers)) return queryDocuments(request);
  if (method === 'POST') return writeDocument(request, headers['x-ms-documentdb-is-upsert'] === 'true');
  if (id === undefined && method === 'GET') return readFeed(request);
  if (id === undefined) return badRequest(`${method} is not supported here`);
  return onDocument(request, id);
}

function isQuery(headers: IncomingHttpHeaders): boolean {
  return headers['x-ms-documentdb-isquery'] === 'true' || headers['content-type'] === 'application/query+json';
}

function writeDocument({ documents, headers, body }: DocumentRequest, upsert: boolean): DocumentResponse {
  if (!isFields(body) || typeof body.id !== 'string') return badRequest('missing id');
  const key = partitionKeyOf(body, documents.paths);
  const named = parsePartitionKeyHeader(headers[PARTITION_KEY_HEADER]);
  if (named && partitionName(named) !== partitionName(key)) {
    return badRequest("PartitionKey extracted from document doesn't match the one specified in the header");
  }
  const resourceBody = body as never;
  return documents.inPartition(key, (partition) =>
    upsert
      ? operations.upsertOperation(partition, { ...precondition(headers, body.id), resourceBody })
      : operations.createOperation(partition, { resourceBody }),
  );
}

function onDocument(request: DocumentRequest, id: string): DocumentResponse {
  const { documents, headers, method, body } = request;
  const key = parsePartitionKeyHeader(headers[PARTITION_KEY_HEADER]);
  if (!key || key.length !== documents.paths.length) {
    return badRequest('The partition key in the header has fewer components than defined in the collection');
  }
  const input = { id, ...precondition(headers, id) };
  return documents.inPartition(key, (partition) => {
    if (method === 'GET') return operations.readOperation(partition, input);
    if (method === 'DELETE') return operations.deleteOperation(partition, input);
    if (!isFields(body)) return badRequest('the body is not an object');
    if (method === 'PATCH') return patchDocument(partition, input, body);
    if (method !== 'PUT') return badRequest(`${method} is not supported here`);
    if (body.id !== id) return badRequest('replacing id is not allowed');
    if (!isInPartition(body, documents.paths, key)) return badRequest('replacing the partition key is not allowed');
    return operations.replaceOperation(partition, { ...input, resourceBody: body as never });
  });
}

/**
 * Applies a patch after its condition was met. The package lowers the condition's case, and with it every name and
 * string in it, so the condition is judged here.
 */
function patchDocument(
  partition: PackageCollection,
  input: { id: string; partitionKey: string; ifMatch?: string },
  body: Fields,
): DocumentResponse {
  const changes = Array.isArray(body) ? body : body.operations;
  if (!Array.isArray(changes)) return badRequest('Invalid patch request: check syntax of patch specification.');
  const document = partition.document(input.id, input.id).read();
  const condition = body.condition;
  if (document && typeof condition === 'string') {
    try {
      const { result } = partition.documents._getQuery(`SELECT * ${condition}`).exec([document]);
      if (result.length === 0) return failedPrecondition();
    } catch {
      return badRequest('Invalid condition in patch request.');
    }
  }
  return patchOperation(partition, { ...input, operations: changes });
}

function queryDocuments({ documents, headers, body }: DocumentRequest): DocumentResponse {
  if (!isFields(body) || typeof body.query !== 'string') return badRequest('missing query');
  const prefix = parsePartitionKeyHeader(headers[PARTITION_KEY_HEADER]) ?? [];
  try {
    const parameters = (body.parameters ?? []) as { name: string; value: unknown }[];
    const page = documents.query(prefix, { query: body.query, parameters }, pageOf(headers));
    return pageResponse(page, documents.rid);
  } catch (error) {
    return badRequest(error instanceof Error ? error.message : String(error));
  }
}

function readFeed({ documents, headers }: DocumentRequest): DocumentResponse {
  const prefix: PartitionKey = parsePartitionKeyHeader(headers[PARTITION_KEY_HEADER]) ?? [];
  return pageResponse(documents.query(prefix, { query: 'SELECT * FROM c' }, pageOf(headers)), documents.rid);
}

function pageOf(headers: IncomingHttpHeaders): Page {
  const continuation = headers['x-ms-continuation'];
  return {
    maxItemCount: Math.max(0, Number(headers['x-ms-max-item-count'] ?? 0)),
    continuation: typeof continuation === 'string' ? (JSON.parse(continuation) as { token: string }) : null,
  };
}

function pageResponse(page: { result: unknown[]; continuation?: unknown }, collectionRid: string): DocumentResponse {
  const headers: Record<string, string> = { 'x-ms-item-count': String(page.result.length) };
  if (page.continuation) headers['x-ms-continuation'] = JSON.stringify(page.continuation);
  return {
    statusCode: 200,
    headers,
    body: { _rid: collectionRid, Documents: page.result, _count: page.result.length },
  };
}

/** Inside its partition a document is found by its id alone. */
function precondition(headers: IncomingHttpHeaders, id: unknown): { partitionKey: string; ifMatch?: string } {
  const ifMatch = headers['if-match'];
  return { partitionKey: JSON.stringify([id]), ...(ifMatch && ifMatch !== '*' ? { ifMatch } : {}) };
}

function isInPartition(body: Fields, paths: readonly string[], key: PartitionKey): boolean {
  return partitionName(partitionKeyOf(body, paths)) === partitionName(key);
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null;
}

function badRequest(message: string): DocumentResponse {
  return { statusCode: 400, body: { code: 'BadRequest', message } };
}

function failedPrecondition(): DocumentResponse {
  const message = 'Condition specified in the patch request is not satisfied.';
  return { statusCode: 412, body: { code: 'PreconditionFailed', message } };
}
