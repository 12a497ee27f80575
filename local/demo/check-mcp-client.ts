import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { sayAll } from './ask-questions.ts';
import type { DemoContext } from './demo-context.ts';

const TOOLS = ['search', 'ask', 'read_document'];
const QUESTION = 'Within how many days must an expense report be submitted after a trip?';
const ANSWER = 'within 30 days';

/** Connects the protocol's official client to `/mcp` as Bob, and tries it without signing in. */
export async function checkMcpClient(context: DemoContext): Promise<void> {
  const { checks, screen, signIn, target } = context;
  screen.title('Connecting an MCP client');
  const url = new URL(`${target.apiUrl}/mcp`);
  const { token } = await signIn('bob');
  const client = new Client({ name: 'demo', version: '1.0.0' });
  const transport = new StreamableHTTPClientTransport(url, {
    requestInit: { headers: { authorization: `Bearer ${token}` } },
  });
  await client.connect(transport as Parameters<typeof client.connect>[0]);
  const { tools } = await client.listTools();
  const names = tools.map(({ name }) => name);
  checks.expect(
    `it finds the tools ${TOOLS.join(', ')}`,
    TOOLS.every((name) => names.includes(name)),
    names.join(', '),
  );
  const { content } = await client.callTool({ name: 'ask', arguments: { question: QUESTION } });
  const said = JSON.stringify(content);
  checks.expect(`the tool ask answers "${ANSWER}"`, sayAll(said, [ANSWER]), said);
  await client.close();
  const refused = await fetch(url, { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } });
  const hint = refused.headers.get('www-authenticate') ?? '';
  const isMet = refused.status === 401 && hint.includes('resource_metadata');
  checks.expect('without a token it is told where to sign in', isMet, `${refused.status} ${hint}`);
}
