import { randomUUID } from 'node:crypto';
import { discoverOAuthProtectedResourceMetadata } from '@modelcontextprotocol/sdk/client/auth.js';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import fc from 'fast-check';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { CreatedApiKey } from '../../shared/contracts/api-keys.ts';
import type { AuditItem } from '../../shared/contracts/audit.ts';
import type { KnowledgeDocument } from '../../shared/contracts/documents.ts';
import type { McpAskOutput, McpReadDocumentOutput, McpSearchOutput } from '../../shared/contracts/mcp.ts';
import {
  createKnowledgeBase,
  onboardTenant,
  stack,
  startAnotherApp,
  type TestPerson,
  uploadAndWait,
} from './support/platform.ts';

const MCP_URL = new URL('/mcp', stack.apiUrl);
const METADATA_URL = `${stack.apiUrl}/.well-known/oauth-protected-resource/mcp`;
const opened: Client[] = [];
let admin: TestPerson;
let member: TestPerson;
let stranger: TestPerson;
let document: KnowledgeDocument;

beforeAll(async () => {
  const [home, elsewhere] = await Promise.all([onboardTenant(), onboardTenant()]);
  [admin, member, stranger] = await Promise.all([
    home.person(['TenantAdmin']),
    home.person(['Member']),
    elsewhere.person(['TenantAdmin']),
  ]);
  const { id } = await createKnowledgeBase(admin);
  document = await uploadAndWait(admin, id, 'gate.md', '# Gate\n\nThe north gate opens at seven in the morning.\n');
});

afterEach(async () => {
  await Promise.all(opened.splice(0).map((client) => client.close()));
});

/** The official client, as an agent of whoever has the token. */
async function connect(headers: Readonly<Record<string, string>>): Promise<Client> {
  const client = new Client({ name: 'test', version: '1' });
  opened.push(client);
  await client.connect(new StreamableHTTPClientTransport(MCP_URL, { requestInit: { headers } }));
  return client;
}

const connectAs = ({ token }: Pick<TestPerson, 'token'>) => connect({ authorization: `Bearer ${token}` });
const call = async (client: Client, name: string, args: Record<string, unknown>) =>
  (await client.callTool({ name, arguments: args })) as CallToolResult;
const textOf = ({ content }: CallToolResult) => content.map((part) => (part.type === 'text' ? part.text : '')).join('');
const namesOf = async (client: Client) => (await client.listTools()).tools.map(({ name }) => name);
const reference = () => ({ knowledgeBaseId: document.knowledgeBaseId, documentId: document.id });

function post(body: unknown, headers: Readonly<Record<string, string>> = {}) {
  return fetch(MCP_URL, {
    method: 'POST',
    headers: { authorization: `Bearer ${member.token}`, 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

describe('an MCP client', () => {
  it('gets to know the tools, with schemas, and no session', async () => {
    const client = await connectAs(member);

    expect(client.getServerVersion()).toMatchObject({ name: 'enterprise-ai-platform' });
    expect(client.transport?.sessionId).toBeUndefined();
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toEqual(['search', 'ask', 'read_document']);
    for (const { inputSchema, outputSchema, description, annotations } of tools) {
      expect(inputSchema.additionalProperties).toBe(false);
      expect(outputSchema?.type).toBe('object');
      expect(description).not.toBe('');
      expect(annotations?.readOnlyHint).toBe(true);
    }
  });

  it('searches what its person may read, as text and as data', async () => {
    const found = await call(await connectAs(member), 'search', { query: 'When does the north gate open?', limit: 3 });

    const { results } = found.structuredContent as McpSearchOutput;
    expect(results[0]).toMatchObject({ documentId: document.id, text: expect.stringContaining('seven') });
    expect(textOf(found)).toContain(`documentId ${document.id}`);
    expect(textOf(found)).toContain('seven in the morning');
  });

  it('narrows a search and an answer by filters', async () => {
    const later = await uploadAndWait(admin, document.knowledgeBaseId, 'later.md', 'The north gate opens at nine now.');
    const client = await connectAs(member);
    const filters = { documentIds: [later.id] };
    const found = await call(client, 'search', { query: 'When does the north gate open?', filters });
    const asked = await call(client, 'ask', { question: 'When does the north gate open?', filters });
    const wrong = await call(client, 'search', { query: 'gate', filters: { tenantId: 'x' } });
    await admin.must('DELETE', `/api/v1/knowledge-bases/${later.knowledgeBaseId}/documents/${later.id}`);

    const { results } = found.structuredContent as McpSearchOutput;
    expect(results.map(({ documentId }) => documentId)).toEqual([later.id]);
    expect((asked.structuredContent as McpAskOutput).answer).toContain('nine');
    expect(wrong).toMatchObject({ isError: true, _meta: { code: 'validation_failed' } });
  });

  it('asks, gets citations, and asks on in the same session', async () => {
    const client = await connectAs(member);
    const first = await call(client, 'ask', { question: 'When does the north gate open?' });

    const { answer, citations, sessionId } = first.structuredContent as McpAskOutput;
    expect(answer).toContain('seven');
    expect(citations[0]).toMatchObject({ number: 1, documentId: document.id });
    expect(first.structuredContent).toMatchObject({
      route: { model: 'local-extractive', attempts: 1 },
      cache: 'bypass',
      support: { status: 'supported' },
    });
    expect(textOf(first)).toContain('[1] gate.md');
    const second = await call(client, 'ask', { question: 'And where?', sessionId });
    expect((second.structuredContent as McpAskOutput).sessionId).toBe(sessionId);
  });

  it('reads a document page by page, up to its end', async () => {
    const client = await connectAs(member);
    let text = '';
    for (let start: number | null = 0; start !== null; ) {
      const page = await call(client, 'read_document', { ...reference(), start, limit: 25 });
      const output = page.structuredContent as McpReadDocumentOutput;
      expect(output.text.length).toBeLessThanOrEqual(25);
      text += output.text;
      start = output.nextStart;
    }

    expect(text).toContain('The north gate opens at seven in the morning.');
    const { items } = await admin.must<{ items: AuditItem[] }>(
      'GET',
      '/api/v1/admin/audit?action=document.text-opened',
    );
    expect(items[0]).toMatchObject({ subject: document.id, actor: { id: member.oid } });
  });

  it('finds nothing of another tenant, by any tool', async () => {
    const client = await connectAs(stranger);
    const { knowledgeBaseId } = reference();
    const attempts = [
      await call(client, 'read_document', reference()),
      await call(client, 'search', { query: 'gate', knowledgeBaseIds: [knowledgeBaseId] }),
      await call(client, 'ask', { question: 'When does the gate open?', knowledgeBaseIds: [knowledgeBaseId] }),
    ];

    for (const attempt of attempts) {
      expect(attempt).toMatchObject({ isError: true, _meta: { code: 'not_found' } });
      expect(JSON.stringify(attempt)).not.toContain('seven');
    }
    const open = await call(client, 'search', { query: 'north gate seven' });
    expect(open.structuredContent).toEqual({ results: [] });
  });

  it('is held to the limits of its person, and told when to try again', async () => {
    const limited = await onboardTenant('Limited', { userLimits: { requestsPerMinute: 1 } });
    const client = await connectAs(await limited.person(['Member']));
    const answers = [];
    for (let number = 1; number <= 3; number += 1)
      answers.push(await call(client, 'ask', { question: `Question ${number}?` }));

    const refused = answers.find(({ isError }) => isError);
    expect(answers[0]?.isError).toBeFalsy();
    expect(refused?._meta).toMatchObject({ code: 'too_many_requests', retryAfterSeconds: expect.any(Number) });
  });

  it('is told what is wrong with its arguments', async () => {
    const client = await connectAs(member);
    const wrong = await call(client, 'search', { query: '', colour: 'red' });

    expect(wrong).toMatchObject({ isError: true, _meta: { code: 'validation_failed' } });
    expect(textOf(wrong)).toContain('query');
    await expect(call(client, 'drop_tables', {})).rejects.toMatchObject({ code: -32_602 });
    await expect(client.listPrompts()).rejects.toThrow();
  });

  it('with an API key has the tools that the key’s permissions allow, and no other', async () => {
    const key = await admin.must<CreatedApiKey>('POST', '/api/v1/admin/api-keys', {
      name: 'Agent',
      permissions: ['knowledge:read'],
      expiresAt: new Date(Date.now() + 3_600_000).toISOString(),
    });
    const client = await connect({ 'api-key': key.secret ?? '' });

    expect(await namesOf(client)).toEqual(['search', 'read_document']);
    const denied = await call(client, 'ask', { question: 'When does the gate open?' });
    expect(denied).toMatchObject({ isError: true, _meta: { code: 'forbidden' } });
    const query = `actor=${key.id}&action=mcp.tool-called`;
    const { items } = await admin.must<{ items: AuditItem[] }>('GET', `/api/v1/admin/audit?${query}`);
    expect(items).toMatchObject([{ outcome: 'denied', details: { tool: 'ask', code: 'forbidden' } }]);
  });
});

describe('the door', () => {
  it('sends who is not signed in to the sign-in, which a client can find', async () => {
    const refused = await fetch(MCP_URL, { method: 'POST', body: '{}' });
    const root = await fetch(`${stack.apiUrl}/.well-known/oauth-protected-resource`);
    const metadata = await discoverOAuthProtectedResourceMetadata(MCP_URL);

    expect(refused.status).toBe(401);
    expect(refused.headers.get('www-authenticate')).toBe(`Bearer resource_metadata="${METADATA_URL}"`);
    expect(metadata).toMatchObject({ resource: MCP_URL.href, bearer_methods_supported: ['header'] });
    expect(await root.json()).toEqual(metadata);
    const discovery = `${metadata.authorization_servers?.[0]}/.well-known/openid-configuration`;
    expect(await (await fetch(discovery)).json()).toHaveProperty('authorization_endpoint');
    await expect(connectAs({ token: 'nonsense' })).rejects.toThrow();
  });

  it('names the address that the operator has given it, behind a gateway', async () => {
    const app = await startAnotherApp({ env: { PUBLIC_URL: 'https://ai.contoso.example/' } });
    try {
      const refused = await fetch(`${app.url}/mcp`, { method: 'POST' });
      const metadata = await fetch(`${app.url}/.well-known/oauth-protected-resource/mcp`);
      expect(refused.headers.get('www-authenticate')).toContain('"https://ai.contoso.example/.well-known/');
      expect(await metadata.json()).toMatchObject({ resource: 'https://ai.contoso.example/mcp' });
    } finally {
      await app.stop();
    }
  });

  it('has no stream and no session', async () => {
    for (const method of ['GET', 'DELETE']) {
      const { status, headers } = await fetch(MCP_URL, { method, headers: { accept: 'text/event-stream' } });
      expect([status, headers.get('allow')]).toEqual([405, 'POST']);
    }
  });

  it('answers what breaks the protocol in JSON-RPC', async () => {
    const wrong = [
      ['{', 400, -32_700],
      [[{ jsonrpc: '2.0', id: 1, method: 'ping' }], 400, -32_600],
      [{ id: 1 }, 400, -32_700],
      [{ jsonrpc: '2.0', id: 1, method: 'no/such' }, 200, -32_601],
    ] as const;
    for (const [body, status, code] of wrong) {
      const response = await post(body);
      expect(response.status).toBe(status);
      expect(await response.json()).toMatchObject({ jsonrpc: '2.0', error: { code } });
    }
    const notification = await post({ jsonrpc: '2.0', method: 'notifications/initialized' });
    expect([notification.status, await notification.text()]).toEqual([202, '']);
    const future = await post({ jsonrpc: '2.0', id: 1, method: 'ping' }, { 'mcp-protocol-version': '2999-01-01' });
    expect(future.status).toBe(400);
  });

  it('survives whatever JSON is sent to it', async () => {
    const message = fc.record(
      {
        jsonrpc: fc.constantFrom('2.0', '1.0'),
        id: fc.oneof(fc.integer(), fc.string(), fc.constant(null)),
        method: fc.constantFrom(
          'initialize',
          'tools/list',
          'tools/call',
          'ping',
          '__proto__',
          'notifications/cancelled',
        ),
        params: fc.oneof(
          fc.jsonValue(),
          fc.record({ name: fc.constantFrom('search', 'toString'), arguments: fc.jsonValue() }),
        ),
      },
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(fc.oneof(message, fc.jsonValue()), async (body) => {
        const { status } = await post(body);
        expect(status).toBeLessThan(500);
      }),
      { numRuns: 150 },
    );
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    for (const params of [deep, `{"name":"search","arguments":{"query":${deep}}}`]) {
      const answer = await post(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":${params}}`);
      expect(answer.status).toBeLessThan(500);
    }
    expect((await post({ jsonrpc: '2.0', id: 1, method: 'ping' })).status).toBe(200);
  });

  it('refuses pages of unknown origins, other media types and large bodies', async () => {
    const ping = { jsonrpc: '2.0', id: 1, method: 'ping' };
    const large = { ...ping, params: { filler: randomUUID().repeat(40_000) } };

    expect((await post(ping)).status).toBe(200);
    expect((await post(ping, { origin: 'https://evil.example' })).status).toBe(403);
    expect((await post(ping, { 'content-type': 'text/plain' })).status).toBe(415);
    expect((await post(large)).status).toBe(413);
  });
});
