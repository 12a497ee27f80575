import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ToolPermission } from '../../../shared/contracts/policy.ts';
import { judgeCall } from '../../../shared/tools/judge-call.ts';
import type { Tool } from '../../../shared/tools/tool.ts';
import { specificationOf } from '../../../shared/tools/tool-input.ts';
import { offeredTools } from '../../../shared/tools/tool-permissions.ts';

function tool(name: string, defaultPermission: 'allow' | 'ask', input: Tool['input'] = z.strictObject({})): Tool {
  const limits = { timeoutMilliseconds: 1_000, maxResultCharacters: 100 };
  return { name, description: '', input, defaultPermission, ...limits, run: async () => ({ text: 'ran' }) };
}

const setOf = (...tools: Tool[]) => new Map(tools.map((each) => [each.name, each]));
const call = (name: string, text = '{}') => ({ id: 'call_1', name, arguments: text });

describe('whether a call runs', () => {
  const tools = setOf(tool('clock', 'allow'), tool('web', 'ask'), {
    ...tool('remote', 'allow'),
    leastPermission: 'ask',
  });

  it.each([
    ['without a list, nothing', {}, 'clock', 'denied'],
    ['with an empty list, nothing', { tools: [] }, 'clock', 'denied'],
    ['a tool that is not listed', { tools: ['web'] }, 'clock', 'denied'],
    ['a listed tool that allows itself', { tools: ['clock'] }, 'clock', 'run'],
    ['a listed tool that asks by itself', { tools: ['web'] }, 'web', 'ask'],
    ['a permission over the default', { tools: ['web'], toolPermissions: { web: 'allow' as const } }, 'web', 'run'],
    ['a denial over the list', { tools: ['clock'], toolPermissions: { clock: 'deny' as const } }, 'clock', 'denied'],
    ['a permission for what is not listed', { toolPermissions: { web: 'allow' as const } }, 'web', 'denied'],
    [
      'what its server asks for, over the permission',
      { tools: ['remote'], toolPermissions: { remote: 'allow' as const } },
      'remote',
      'ask',
    ],
    ['a name that is no tool', { tools: ['shell'] }, 'shell', 'denied'],
    ['a name of our own objects', { tools: ['constructor'] }, 'constructor', 'denied'],
  ])('%s', (_, policy, name, expected) => {
    expect(judgeCall(call(name), tools, policy).kind).toBe(expected);
  });

  it('runs a tool only if it is listed and not denied, whatever the policy says', () => {
    const names = fc.constantFrom('clock', 'web', 'shell', '__proto__');
    const policies = fc.record(
      {
        tools: fc.array(names),
        toolPermissions: fc.dictionary(names, fc.constantFrom(...ToolPermission.options)),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(policies, names, (policy, name) => {
        const { kind } = judgeCall(call(name), tools, policy);
        if (kind === 'run' || kind === 'ask') expect(policy.tools).toContain(name);
        if (kind === 'run' || kind === 'ask') expect(policy.toolPermissions?.[name]).not.toBe('deny');
        if (kind === 'run' && name === 'web') expect(policy.toolPermissions?.[name]).toBe('allow');
      }),
    );
  });

  it('offers the wanted ones of those that are not denied', () => {
    const policy = { tools: ['clock', 'web'] };
    expect(offeredTools(policy, tools, undefined).map(({ name }) => name)).toEqual(['clock', 'web']);
    expect(offeredTools(policy, tools, ['web', 'shell']).map(({ name }) => name)).toEqual(['web']);
    expect(offeredTools(policy, tools, [])).toEqual([]);
    expect(offeredTools({}, tools, ['web'])).toEqual([]);
  });
});

describe('the arguments of a call', () => {
  const input = z.strictObject({ days: z.number().int().max(31), note: z.string().optional() });
  const ofZod = tool('zod', 'allow', input);
  const ofSchema = tool('schema', 'allow', {
    jsonSchema: {
      type: 'object',
      properties: { days: { type: 'integer', maximum: 31 }, note: { type: 'string' } },
      required: ['days'],
      additionalProperties: false,
    },
  });
  const policy = { tools: ['zod', 'schema', 'odd'] };

  it.each([
    ['what fits', '{"days":3}', 'run'],
    ['what is missing', '{}', 'invalid'],
    ['nothing at all', '', 'invalid'],
    ['a wrong type', '{"days":"3"}', 'invalid'],
    ['a number that is too large', '{"days":32}', 'invalid'],
    ['an unknown field', '{"days":3,"path":"/etc"}', 'invalid'],
    ['no object', '[3]', 'invalid'],
    ['no JSON', '{"days":', 'invalid'],
    ['too many characters', `{"days":3,"note":"${'x'.repeat(50_000)}"}`, 'invalid'],
  ])('are checked by either kind of schema: %s', (_, text, expected) => {
    for (const each of [ofZod, ofSchema]) {
      expect(judgeCall(call(each.name, text), setOf(each), policy).kind).toBe(expected);
    }
  });

  it('name what is wrong, so that the model can mend it', () => {
    const verdict = judgeCall(call('zod', '{"days":40}'), setOf(ofZod), policy);
    expect(verdict).toMatchObject({ input: { days: 40 }, reason: expect.stringContaining('days') });
  });

  it('of a schema that we cannot read are left to its server, if they are an object', () => {
    const odd = tool('odd', 'allow', { jsonSchema: { type: 'object', not: { required: ['x'] } } });
    expect(judgeCall(call('odd', '{"a":1}'), setOf(odd), policy).kind).toBe('run');
    expect(judgeCall(call('odd', '"a"'), setOf(odd), policy).kind).toBe('invalid');
  });

  it('are told to the model as a JSON Schema', () => {
    expect(specificationOf(ofZod).parameters).toMatchObject({
      type: 'object',
      properties: { days: { type: 'integer', maximum: 31 } },
      required: ['days'],
      additionalProperties: false,
    });
    expect(specificationOf(ofSchema).parameters).toEqual((ofSchema.input as { jsonSchema: object }).jsonSchema);
  });
});
