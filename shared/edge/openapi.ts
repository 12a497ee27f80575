import type { z } from 'zod';
import {
  createDocument,
  type ZodOpenApiOperationObject,
  type ZodOpenApiPathsObject,
  type ZodOpenApiResponsesObject,
} from 'zod-openapi';
import { OpenAiError } from '../contracts/openai.ts';
import { Problem } from '../contracts/problem.ts';
import { IdempotencyHeaders } from './idempotency.ts';
import { type DeclaredOperation, declaredOperations, type ResponseSpec } from './operation.ts';

const API_VERSION = '1.0.0';
const DESCRIPTIONS: Readonly<Record<string, string>> = {
  200: 'Done',
  201: 'Created',
  202: 'Accepted',
  204: 'Done, nothing to say',
  302: 'Found elsewhere',
  405: 'Not allowed',
  503: 'Not ready',
};

/** The OpenAPI 3.1 document of all routes that have been declared. */
export function openApiDocument(): ReturnType<typeof createDocument> {
  return createDocument({
    openapi: '3.1.0',
    info: {
      title: 'Enterprise AI Platform',
      version: API_VERSION,
      description: 'Chat with models, ask your own documents, and check the citations.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    security: [{ bearer: [] }, { apiKey: [] }],
    paths: pathsOf(declaredOperations()),
    components: {
      securitySchemes: {
        bearer: {
          type: 'http',
          scheme: 'bearer',
          description: 'An access token of a person (JWT), or an API key of a program',
        },
        apiKey: { type: 'apiKey', in: 'header', name: 'api-key' },
      },
    },
  });
}

function pathsOf(operations: readonly DeclaredOperation[]): ZodOpenApiPathsObject {
  const paths: ZodOpenApiPathsObject = {};
  for (const operation of operations) {
    const path = `/${operation.route.replace('{*', '{')}`;
    paths[path] = { ...paths[path], [operation.method.toLowerCase()]: describe(operation) };
  }
  return paths;
}

function describe(operation: DeclaredOperation): ZodOpenApiOperationObject {
  const { permission, params, query } = operation;
  const idempotent = operation.idempotent !== undefined;
  const needs = permission === 'public' ? 'Needs no token.' : `Needs: \`${permission}\`.`;
  return {
    operationId: operation.name,
    summary: operation.summary,
    description: operation.description ? `${operation.description}\n\n${needs}` : needs,
    tags: [operation.tag],
    ...(permission === 'public' && { security: [] }),
    ...((params || query || idempotent) && {
      requestParams: {
        ...(params && { path: params }),
        ...(query && { query }),
        ...(idempotent && { header: IdempotencyHeaders }),
      },
    }),
    ...requestBodyOf(operation),
    responses: responsesOf(operation),
  };
}

function requestBodyOf({ form, ...operation }: DeclaredOperation): Pick<ZodOpenApiOperationObject, 'requestBody'> {
  const body = operation.body ?? operation.ownBody;
  if (form) return { requestBody: { required: true, content: { 'multipart/form-data': { schema: form } } } };
  if (body) return { requestBody: { required: true, content: { 'application/json': { schema: body } } } };
  return {};
}

const PROBLEM = { description: 'A problem', content: { 'application/problem+json': { schema: Problem } } };
const OPENAI_ERROR = { description: 'An error', content: { 'application/json': { schema: OpenAiError } } };

function responsesOf({ responses, errors }: DeclaredOperation): ZodOpenApiResponsesObject {
  const documented: ZodOpenApiResponsesObject = { default: errors === 'openai' ? OPENAI_ERROR : PROBLEM };
  for (const [status, spec] of Object.entries(responses)) {
    documented[status as `${1 | 2 | 3 | 4 | 5}${string}`] = responseOf(status, spec);
  }
  return documented;
}

function responseOf(status: string, spec: ResponseSpec) {
  const description = DESCRIPTIONS[status] ?? 'Done';
  if (spec === null) return { description };
  if ('contentType' in spec) {
    return { description: spec.description, content: { [spec.contentType]: { schema: { type: 'string' as const } } } };
  }
  return { description, content: { 'application/json': { schema: spec as z.ZodType } } };
}
