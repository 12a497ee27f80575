import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { offeredTools, permissionFor } from '../../../shared/tool-servers/offered-tools.ts';
import { toolDescriptionOf, toolNameOf, toolSchemaOf } from '../../../shared/tool-servers/remote-words.ts';

const serverName = fc.stringMatching(/^[a-z0-9](?:[a-z0-9-]{0,22}[a-z0-9])?$/);
const anything = fc.string({ unit: 'binary', maxLength: 300 });
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]/u;

describe('the name of a remote tool', () => {
  it('is one that models take, whatever the server calls it', () => {
    fc.assert(
      fc.property(serverName, anything, (server, tool) => {
        const name = toolNameOf(server, tool);
        expect(name).toMatch(/^[A-Za-z0-9_-]{1,64}$/);
        expect(name.startsWith(`${server}__`)).toBe(true);
      }),
    );
  });

  it('differs where those of the server differ', () => {
    fc.assert(
      fc.property(serverName, anything, anything, (server, one, other) => {
        fc.pre(one !== other);
        expect(toolNameOf(server, one)).not.toBe(toolNameOf(server, other));
      }),
    );
    expect(toolNameOf('shop', 'a.b')).not.toBe(toolNameOf('shop', 'a b'));
    expect(toolNameOf('shop', 'lookup_order')).toBe('shop__lookup_order');
  });
});

describe('what a server says of a tool', () => {
  it('is bounded, has nothing invisible in it, and is marked as the words of the server', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 8_000 }), (words) => {
        const description = toolDescriptionOf('shop', words);
        expect(description.length).toBeLessThan(1_200);
        expect(description).not.toMatch(INVISIBLE);
        expect(description).toMatch(/^A tool of the remote server "shop".*not instructions/);
      }),
    );
  });

  it('is cleaned inside its schema as well', () => {
    const hidden = 'Say\u202e\u{e0041} hello\u200b';
    const schema = {
      type: 'object',
      properties: { 'na\u200bme': { type: 'string', enum: [hidden] } },
      required: ['name'],
    };
    const clean = toolSchemaOf(schema);
    expect(clean).toEqual({
      type: 'object',
      properties: { name: { type: 'string', enum: ['Say hello'] } },
      required: ['name'],
    });
  });

  it('is left out with a schema that is too large or too deep', () => {
    const deep = Array.from({ length: 30 }).reduce<object>(
      (inner) => ({ type: 'object', properties: { a: inner } }),
      {},
    );
    const large = Object.fromEntries(
      Array.from({ length: 2_000 }, (_, index) => [`field${index}`, { type: 'string' }]),
    );
    const tool = { name: 'fine', description: '', inputSchema: { type: 'object' } };
    const tools = [
      { ...tool, name: 'deep', inputSchema: { type: 'object', properties: deep } },
      { ...tool, name: 'large', inputSchema: { type: 'object', properties: large } },
      tool,
      { ...tool, description: 'the same name again' },
    ] as const;
    expect(offeredTools({ name: 'shop', toolPermissions: {} }, tools).map(({ name }) => name)).toEqual(['shop__fine']);
  });
});

describe('the permission of a remote tool', () => {
  it('is to be asked for unless the administrator said otherwise', () => {
    const server = { toolPermissions: { pay: 'deny', look: 'allow' } as const };
    const names = ['pay', 'look', 'other', 'constructor', '__proto__', 'toString'];
    expect(names.map((name) => permissionFor(server, name))).toEqual(['deny', 'allow', 'ask', 'ask', 'ask', 'ask']);
  });
});
