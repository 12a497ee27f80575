import { beforeAll, describe, expect, it } from 'vitest';
import { clientWithToken, type PlatformClient } from '../../local/platform-client.ts';
import type { ApiKey } from '../../shared/contracts/api-keys.ts';
import type { ChatAnswer } from '../../shared/contracts/chat.ts';
import type { KnowledgeDocument } from '../../shared/contracts/documents.ts';
import type { Me } from '../../shared/contracts/me.ts';
import type { ToolServer } from '../../shared/contracts/tool-servers.ts';
import type { DeclaredOperation } from '../../shared/edge/operation.ts';
import { declaredRoutes } from './support/declared-routes.ts';
import { type MatrixRow, type Persona, permissionMatrix, personas, type World } from './support/permission-matrix.ts';
import { createKnowledgeBase, onboardTenant, platformAdmin, settled, stack } from './support/platform.ts';

const routes = await declaredRoutes();
const people = new Map<Persona, PlatformClient>();
let world: World;

beforeAll(async () => {
  const [home, elsewhere] = await Promise.all([onboardTenant(), onboardTenant()]);
  for (const persona of personas) {
    if (persona === 'anonymous') people.set(persona, clientWithToken(stack.apiUrl, ''));
    else if (persona === 'stranger') people.set(persona, await elsewhere.person(['TenantAdmin']));
    else if (persona === 'PlatformAdmin') people.set(persona, await platformAdmin());
    else people.set(persona, await home.person([persona]));
  }
  const { sessionId, messageId, runId } = await as('Member').must<ChatAnswer>('POST', '/api/v1/chat', {
    message: 'Hello',
    knowledgeBaseIds: [],
  });
  const filled = await freshKnowledgeBase();
  await settled(as('KnowledgeManager'), { knowledgeBaseId: filled.knowledgeBaseId, id: filled.documentId });
  const { userId: memberId } = await as('Member').must<Me>('GET', '/api/v1/me');
  const { id: keyId } = await as('TenantAdmin').must<ApiKey>('POST', '/api/v1/admin/api-keys', {
    name: 'Reporting',
    permissions: ['usage:read'],
    expiresAt: new Date(Date.now() + 3_600_000).toISOString(),
  });
  const { id: serverId } = await as('TenantAdmin').must<ToolServer>('POST', '/api/v1/admin/tool-servers', {
    name: 'shop',
    url: 'http://127.0.0.1:1/mcp',
  });
  world = { ...filled, tenantId: home.id, sessionId, messageId, runId, memberId, keyId, serverId };
});

function as(persona: Persona): PlatformClient {
  const client = people.get(persona);
  if (!client) throw new Error(`Nobody plays ${persona}`);
  return client;
}

async function freshKnowledgeBase(): Promise<Pick<World, 'knowledgeBaseId' | 'documentId'>> {
  const keeper = as('KnowledgeManager');
  const { id: knowledgeBaseId } = await createKnowledgeBase(keeper);
  const path = `/api/v1/knowledge-bases/${knowledgeBaseId}/documents`;
  const { body } = await keeper.upload<KnowledgeDocument>(path, 'a.md', Buffer.from('# Title\n\nA sentence.\n'));
  return { knowledgeBaseId, documentId: body.id };
}

function pathOf({ route }: DeclaredOperation, { query, parameters }: MatrixRow, ids: World): string {
  const values: Record<string, string> = { ...ids, asset: 'swagger-ui.css', ...parameters?.(ids) };
  const path = route.replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? 'unknown');
  const search = typeof query === 'function' ? query(ids) : query;
  return `/${path}${search ? `?${search}` : ''}`;
}

const errorTypeOf = ({ errors }: DeclaredOperation) =>
  errors === 'openai' ? 'application/json' : 'application/problem+json';

async function call(operation: DeclaredOperation, row: MatrixRow, persona: Persona, ids: World) {
  const client = as(persona);
  const path = pathOf(operation, row, ids);
  if (operation.form) return client.upload(path, 'new.txt', Buffer.from('New.'));
  return client.call(operation.method, path, row.body?.(ids));
}

describe('the permission matrix', () => {
  it('has a row for every route and no other', () => {
    expect(Object.keys(permissionMatrix).toSorted()).toEqual(routes.map(({ name }) => name).toSorted());
  });
});

describe.each(Object.entries(permissionMatrix))('%s', (name, row) => {
  it.each(personas.map((persona, index) => [persona, row.answers[index]] as const))(
    'answers %s with %i',
    async (persona, expected) => {
      const operation = routes.find((route) => route.name === name);
      if (!operation) throw new Error(`There is no route ${name}`);
      const isLetIn = expected !== undefined && expected < 300;
      const ids = row.destroys && isLetIn ? { ...world, ...(await freshKnowledgeBase()) } : world;
      const { status, headers, body } = await call(operation, row, persona, ids);

      expect({ status, body }).toMatchObject({ status: expected });
      if (status >= 400) expect(headers.get('content-type')).toBe(errorTypeOf(operation));
      if (persona === 'stranger') expect(JSON.stringify(body)).not.toContain(world.documentId);
    },
  );
});
