import { describe, expect, it } from 'vitest';
import { createAccessTokens } from '../../../shared/adapters/mcp/access-tokens.ts';
import type { ToolServerConnection } from '../../../shared/tool-servers/remote-tools.ts';

const connection: ToolServerConnection = {
  tenantId: 'ten_1',
  serverId: 'tsv_1',
  version: '1',
  url: 'https://tools.example/mcp',
  auth: {
    kind: 'oauth-client-credentials',
    tokenUrl: 'https://login.example/token',
    clientId: 'us',
    scope: 'tools.call',
  },
  secret: 'never to be seen',
};

/** A token endpoint that answers with what a test wants, and counts. */
function endpoint(answer: (count: number) => Response) {
  const bodies: string[] = [];
  let clock = Date.parse('2026-01-01T00:00:00Z');
  const tokens = createAccessTokens(
    async (_, init) => {
      bodies.push(String(init?.body));
      return answer(bodies.length);
    },
    () => new Date(clock),
  );
  const pass = (seconds: number) => {
    clock += seconds * 1_000;
  };
  return { tokens, bodies, pass };
}

const token = (count: number, fields: object = { expires_in: 600 }) =>
  Response.json({ access_token: `token-${count}`, token_type: 'Bearer', ...fields });

describe('access tokens', () => {
  it('are fetched once for all who wait, and again shortly before they run out', async () => {
    const { tokens, bodies, pass } = endpoint((count) => token(count));
    const first = await Promise.all(Array.from({ length: 20 }, () => tokens.tokenFor(connection)));

    expect(new Set(first)).toEqual(new Set(['token-1']));
    expect(Object.fromEntries(new URLSearchParams(bodies[0]))).toEqual({
      grant_type: 'client_credentials',
      client_id: 'us',
      client_secret: 'never to be seen',
      scope: 'tools.call',
    });
    pass(569);
    expect(await tokens.tokenFor(connection)).toBe('token-1');
    pass(2);
    expect(await tokens.tokenFor(connection)).toBe('token-2');
  });

  it('belong to one state of one server of one tenant', async () => {
    const { tokens } = endpoint((count) => token(count));
    const others = [{}, { version: '2' }, { serverId: 'tsv_2' }, { tenantId: 'ten_2' }];
    const given = [];
    for (const other of others) given.push(await tokens.tokenFor({ ...connection, ...other }));
    expect(new Set(given).size).toBe(4);
  });

  it('are forgotten when they are refused, and when they could not be had', async () => {
    const { tokens } = endpoint((count) => (count === 2 ? new Response('busy', { status: 503 }) : token(count)));
    expect(await tokens.tokenFor(connection)).toBe('token-1');
    tokens.forget(connection);
    await expect(tokens.tokenFor(connection)).rejects.toMatchObject({ code: 'upstream_failed' });
    expect(await tokens.tokenFor(connection)).toBe('token-3');
  });

  it('without a sensible end live for five minutes', async () => {
    const { tokens, pass } = endpoint((count) => token(count, { expires_in: 'soon' }));
    await tokens.tokenFor(connection);
    pass(269);
    expect(await tokens.tokenFor(connection)).toBe('token-1');
    pass(2);
    expect(await tokens.tokenFor(connection)).toBe('token-2');
  });

  it.each([
    ['no JSON', new Response('<html>', { status: 200 })],
    ['no token', Response.json({ error: 'never to be seen' })],
    ['a token that would break a header', Response.json({ access_token: 'a\r\nx: y' })],
    ['a refusal that quotes us', Response.json({ error: 'never to be seen' }, { status: 401 })],
  ])('are not taken from an answer with %s, of which nothing is repeated', async (_, answer) => {
    const { tokens } = endpoint(() => answer);
    const failure = await tokens.tokenFor(connection).catch((error: Error) => error);
    expect(failure).toMatchObject({ code: 'upstream_failed' });
    expect(String((failure as Error).message)).not.toContain('never to be seen');
    expect((failure as Error).cause).toBeUndefined();
  });
});
