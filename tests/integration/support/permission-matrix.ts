import { randomUUID } from 'node:crypto';
import type { Role } from '../../../shared/contracts/access.ts';

/** Who calls, in the order of a row's answers. The stranger is the administrator of another tenant. */
export const personas = [
  'anonymous',
  'Member',
  'KnowledgeManager',
  'Auditor',
  'FinanceViewer',
  'TenantAdmin',
  'PlatformAdmin',
  'stranger',
] as const satisfies readonly (Role | 'anonymous' | 'stranger')[];
export type Persona = (typeof personas)[number];

/** What there is in the tenant. The conversation is the Member's. */
export interface World {
  readonly tenantId: string;
  readonly knowledgeBaseId: string;
  readonly documentId: string;
  readonly sessionId: string;
  readonly messageId: string;
  readonly runId: string;
  readonly memberId: string;
  readonly keyId: string;
  readonly serverId: string;
}

export interface MatrixRow {
  /** The status that each persona gets, in their order. */
  readonly answers: readonly [number, number, number, number, number, number, number, number];
  readonly body?: (world: World) => unknown;
  readonly query?: string | ((world: World) => string);
  /** Parameters of the path that are not named as in the world. */
  readonly parameters?: (world: World) => Readonly<Record<string, string>>;
  /** Whoever is let in takes something away, so that everybody gets a knowledge base of their own. */
  readonly destroys?: true;
}

const inAnHour = () => new Date(Date.now() + 3_600_000).toISOString();

const everybody = [200, 200, 200, 200, 200, 200, 200, 200] as const;

/** What every route answers to everybody, by the name of its operation. */
export const permissionMatrix: Readonly<Record<string, MatrixRow>> = {
  'docs-swagger-ui': { answers: everybody },
  'docs-redoc': { answers: everybody },
  'docs-asset': { answers: everybody },
  openapi: { answers: everybody },
  'health-live': { answers: everybody },
  'health-ready': { answers: everybody },

  mcp: {
    answers: [401, 200, 200, 200, 200, 200, 200, 200],
    body: () => ({ jsonrpc: '2.0', id: 1, method: 'tools/list' }),
  },
  'mcp-stream': { answers: [405, 405, 405, 405, 405, 405, 405, 405] },
  'mcp-end': { answers: [405, 405, 405, 405, 405, 405, 405, 405] },
  'mcp-protected-resource': { answers: everybody },
  'mcp-protected-resource-root': { answers: everybody },
  // Off without its setting; `telemetry-metrics.test.ts` has a key.
  metrics: { answers: [404, 404, 404, 404, 404, 404, 404, 404] },

  me: { answers: [401, 200, 200, 200, 200, 200, 200, 200] },
  'models-list': { answers: [401, 200, 200, 403, 403, 200, 403, 200] },

  'admin-audit-list': { answers: [401, 403, 403, 200, 403, 200, 200, 200] },
  'admin-audit-export': {
    answers: [401, 403, 403, 200, 403, 200, 200, 200],
    query: 'from=2026-01-01T00:00:00Z&to=2026-01-31T00:00:00Z',
  },
  'admin-audit-verify': { answers: [401, 403, 403, 200, 403, 200, 200, 200] },
  'admin-usage-get': {
    answers: [401, 403, 403, 200, 200, 200, 200, 200],
    query: 'from=2026-01-01&to=2026-01-31',
  },

  'admin-tenants-list': { answers: [401, 403, 403, 403, 403, 200, 200, 200] },
  'admin-tenants-create': {
    answers: [401, 403, 403, 403, 403, 201, 201, 404],
    body: ({ tenantId }) => ({ name: 'A team', parentId: tenantId }),
  },
  'admin-tenants-get': { answers: [401, 403, 403, 403, 403, 200, 200, 404] },
  'admin-tenants-update': { answers: [401, 403, 403, 403, 403, 200, 200, 404], body: () => ({ name: 'Renamed' }) },
  // The organisation itself, which nobody can move below itself, and its own administrator not at all.
  'admin-tenants-move': {
    answers: [401, 403, 403, 403, 403, 403, 422, 404],
    body: ({ tenantId }) => ({ parentId: tenantId }),
  },
  'admin-tenants-effective-policy': { answers: [401, 403, 403, 403, 403, 200, 200, 404] },
  'admin-users-list': { answers: [401, 403, 403, 403, 403, 200, 200, 200] },
  'admin-users-get': {
    answers: [401, 403, 403, 403, 403, 200, 200, 404],
    parameters: ({ memberId }) => ({ userId: memberId }),
    query: ({ tenantId }) => `tenantId=${tenantId}`,
  },
  'admin-users-update': {
    answers: [401, 403, 403, 403, 403, 200, 200, 404],
    parameters: ({ memberId }) => ({ userId: memberId }),
    query: ({ tenantId }) => `tenantId=${tenantId}`,
    body: () => ({ legalHold: false }),
  },

  'admin-api-keys-list': { answers: [401, 403, 403, 403, 403, 200, 200, 200] },
  'admin-api-keys-create': {
    answers: [401, 403, 403, 403, 403, 201, 201, 201],
    body: () => ({ name: 'Reporting', permissions: ['usage:read'], expiresAt: inAnHour() }),
  },
  'admin-api-keys-get': { answers: [401, 403, 403, 403, 403, 200, 404, 404] },
  'admin-api-keys-revoke': { answers: [401, 403, 403, 403, 403, 200, 404, 404] },
  'admin-tool-servers-list': { answers: [401, 403, 403, 403, 403, 200, 200, 200] },
  'admin-tool-servers-create': {
    answers: [401, 403, 403, 403, 403, 201, 201, 201],
    body: () => ({ name: `shop-${randomUUID().slice(0, 8)}`, url: 'https://tools.example/mcp' }),
  },
  'admin-tool-servers-get': { answers: [401, 403, 403, 403, 403, 200, 404, 404] },
  'admin-tool-servers-update': {
    answers: [401, 403, 403, 403, 403, 200, 404, 404],
    body: () => ({ timeoutMilliseconds: 5_000 }),
  },
  // Nobody listens where the server is said to be.
  'admin-tool-servers-test': { answers: [401, 403, 403, 403, 403, 502, 404, 404] },
  'admin-access-explain': {
    answers: [401, 403, 403, 403, 403, 200, 404, 404],
    query: ({ memberId }) => `user=${memberId}&action=chat:use`,
  },

  // The paths name nobody, so that nothing is erased.
  'admin-users-data-delete': { answers: [401, 403, 403, 403, 403, 400, 400, 400] },
  'admin-erasures-get': { answers: [401, 403, 403, 403, 403, 400, 400, 400] },

  chat: {
    answers: [401, 200, 200, 403, 403, 200, 403, 404],
    body: ({ knowledgeBaseId }) => ({ message: 'Hello', knowledgeBaseIds: [knowledgeBaseId] }),
  },
  'chat-stream': {
    answers: [401, 200, 200, 403, 403, 200, 403, 404],
    body: ({ knowledgeBaseId }) => ({ message: 'Hello', knowledgeBaseIds: [knowledgeBaseId] }),
  },
  'openai-models-list': { answers: [401, 200, 200, 403, 403, 200, 403, 200] },
  'openai-models-get': {
    answers: [401, 200, 200, 403, 403, 200, 403, 200],
    parameters: () => ({ model: 'auto' }),
  },
  'openai-models-get-knowledge-base': {
    answers: [401, 200, 200, 403, 403, 200, 403, 404],
    parameters: ({ knowledgeBaseId }) => ({ knowledgeBase: knowledgeBaseId }),
  },
  'openai-chat-completions': {
    answers: [401, 200, 200, 403, 403, 200, 403, 404],
    body: ({ knowledgeBaseId }) => ({
      model: `kb/${knowledgeBaseId}`,
      messages: [{ role: 'user', content: 'Hello' }],
    }),
  },
  'openai-responses': {
    answers: [401, 200, 200, 403, 403, 200, 403, 404],
    body: ({ knowledgeBaseId }) => ({ model: `kb/${knowledgeBaseId}`, input: 'Hello' }),
  },
  'openai-embeddings': {
    answers: [401, 200, 200, 403, 403, 200, 403, 200],
    body: () => ({ model: 'local-hashing-embedding', input: 'Hello' }),
  },
  'runs-events': { answers: [401, 200, 404, 403, 403, 404, 403, 404] },
  // It has ended: there is nothing to decide.
  'runs-approvals': {
    answers: [401, 409, 404, 403, 403, 404, 403, 404],
    body: ({ runId }) => ({ decisions: [{ approvalId: `${runId}:1`, approved: true }] }),
  },
  'runs-stop': { answers: [401, 202, 404, 403, 403, 404, 403, 404] },

  'sessions-list': { answers: [401, 200, 200, 403, 403, 200, 403, 200] },
  'sessions-get': { answers: [401, 200, 404, 403, 403, 404, 403, 404] },
  'sessions-messages': { answers: [401, 200, 404, 403, 403, 404, 403, 404] },
  'sessions-update': { answers: [401, 200, 404, 403, 403, 404, 403, 404], body: () => ({ title: 'Renamed' }) },
  'sessions-messages-feedback': {
    answers: [401, 200, 404, 403, 403, 404, 403, 404],
    body: () => ({ rating: 'up' }),
  },

  'knowledge-bases-list': { answers: [401, 200, 200, 403, 403, 200, 403, 200] },
  'knowledge-bases-create': { answers: [401, 403, 201, 403, 403, 201, 403, 201], body: () => ({ name: 'Another' }) },
  'knowledge-bases-get': { answers: [401, 200, 200, 403, 403, 200, 403, 404] },
  'knowledge-bases-update': {
    answers: [401, 403, 200, 403, 403, 200, 403, 404],
    body: () => ({ description: 'Changed' }),
  },
  // It lives with the model that indexes: there is nothing to do.
  'knowledge-bases-reindex': { answers: [401, 403, 409, 403, 403, 409, 403, 404] },
  'knowledge-bases-query': { answers: [401, 200, 200, 403, 403, 200, 403, 404], body: () => ({ query: 'Hello' }) },
  query: {
    answers: [401, 200, 200, 403, 403, 200, 403, 404],
    body: ({ knowledgeBaseId }) => ({ query: 'Hello', knowledgeBaseIds: [knowledgeBaseId] }),
  },

  'imports-list': { answers: [401, 403, 200, 403, 403, 200, 403, 404] },
  'imports-get': {
    answers: [401, 403, 404, 403, 403, 404, 403, 404],
    parameters: () => ({ importId: 'imp_01JD3Q5V4M8K2N6P9R1S7T0W3X' }),
  },
  'imports-create': {
    answers: [401, 403, 202, 403, 403, 202, 403, 404],
    body: () => ({ items: [{ path: 'handbooks/travel.pdf' }] }),
  },
  'knowledge-bases-status': { answers: [401, 403, 200, 403, 403, 200, 403, 404] },
  'knowledge-bases-retry-failed': { answers: [401, 403, 202, 403, 403, 202, 403, 404] },
  'knowledge-bases-reconcile': { answers: [401, 403, 200, 403, 403, 200, 403, 404] },

  'documents-list': { answers: [401, 200, 200, 403, 403, 200, 403, 404] },
  'documents-get': { answers: [401, 200, 200, 403, 403, 200, 403, 404] },
  'documents-events': { answers: [401, 200, 200, 403, 403, 200, 403, 404] },
  'documents-source': { answers: [401, 200, 200, 403, 403, 200, 403, 404] },
  'documents-preview': { answers: [401, 200, 200, 403, 403, 200, 403, 404] },
  'documents-chunks': { answers: [401, 200, 200, 403, 403, 200, 403, 404], query: 'query=sentence' },
  'documents-text': { answers: [401, 200, 200, 403, 403, 200, 403, 404] },
  'documents-upload': { answers: [401, 403, 202, 403, 403, 202, 403, 404] },
  'uploads-create': { answers: [401, 403, 201, 403, 403, 201, 403, 404], body: () => ({ name: 'large.pdf' }) },
  // It is complete already, and saying so again changes nothing.
  'uploads-complete': { answers: [401, 403, 202, 403, 403, 202, 403, 404] },
  // It is ready: there is nothing to try again.
  'documents-retry': { answers: [401, 403, 409, 403, 403, 409, 403, 404] },
  // It is not held: there is nothing to release.
  'documents-release': { answers: [401, 403, 409, 403, 403, 409, 403, 404] },
  'documents-findings': { answers: [401, 403, 200, 403, 403, 200, 403, 404] },
  'documents-update': { answers: [401, 403, 200, 403, 403, 200, 403, 404], body: () => ({ name: 'Renamed.md' }) },

  'admin-tool-servers-delete': { answers: [401, 403, 403, 403, 403, 204, 404, 404] },
  'sessions-delete': { answers: [401, 204, 404, 403, 403, 404, 403, 404], destroys: true },
  'documents-delete': { answers: [401, 403, 202, 403, 403, 202, 403, 404], destroys: true },
  'knowledge-bases-delete': { answers: [401, 403, 202, 403, 403, 202, 403, 404], destroys: true },
};
