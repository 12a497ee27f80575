import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { AppError } from '../../../shared/errors.ts';
import type { Principal } from '../../../shared/identity/principal.ts';
import { runTool } from '../../../shared/tools/run-tool.ts';
import type { Tool, ToolContext } from '../../../shared/tools/tool.ts';
import { createToolRegistry } from '../../../shared/tools/tool-registry.ts';

const principal = { tenantId: 'ten_1' } as Principal;

function tool(run: Tool['run'], limits: Partial<Tool> = {}): Tool {
  const usual = { timeoutMilliseconds: 5_000, maxResultCharacters: 10, defaultPermission: 'allow' as const };
  return { name: 'tool', description: '', input: z.unknown(), ...usual, run, ...limits };
}
const start = (run: Tool['run'], limits: Partial<Tool> = {}, signal = new AbortController().signal) =>
  runTool(tool(run, limits), {}, { principal, runId: 'run_1', signal });

describe('a tool that runs', () => {
  it('gives its result, cut at its limit', async () => {
    expect(await start(async () => ({ text: '0123456789' }))).toEqual({
      status: 'done',
      result: { text: '0123456789' },
    });
    const { result } = (await start(async () => ({ text: `012345678😀` }))) as { result: { text: string } };
    expect(result.text.startsWith('012345678\ufffd\n… (cut')).toBe(true);
  });

  it('says what went wrong when that is meant for the caller, and nothing of other failures', async () => {
    const known = await start(() => Promise.reject(new AppError('not_found', 'There is no such page.')));
    const unknown = await start(() => Promise.reject(new Error('connect ECONNREFUSED 10.0.0.1')));
    expect(known).toEqual({ status: 'failed', reason: 'There is no such page.' });
    expect(unknown).toEqual({ status: 'failed', reason: 'The tool failed.', cause: expect.any(Error) });
  });

  it('is given up when its time is up, also when it does not listen', async () => {
    let heard: ToolContext | undefined;
    const outcome = await start(
      (_, context) => {
        heard = context;
        return new Promise(() => undefined);
      },
      { timeoutMilliseconds: 20 },
    );
    expect(outcome).toEqual({ status: 'failed', reason: 'The tool did not answer in time.' });
    expect(heard?.signal.aborted).toBe(true);
  });

  it('stops with its run', async () => {
    const stop = new AbortController();
    const outcome = start(() => new Promise(() => undefined), {}, stop.signal);
    stop.abort();
    expect(await outcome).toEqual({ status: 'stopped' });
    expect(await start(async () => ({ text: '' }), {}, stop.signal)).toEqual({ status: 'stopped' });
  });
});

describe('the tools of a tenant', () => {
  const source = (...tools: Tool[]) => ({ tools: async () => tools });
  const names = async (...sources: Parameters<typeof createToolRegistry>[0]) =>
    [...(await createToolRegistry(sources).tools(principal, new AbortController().signal)).values()].map(
      ({ description, name }) => `${description}:${name}`,
    );
  const named = (description: string, name: string) => tool(async () => ({ text: '' }), { name, description });

  it('are those of all sources; nobody takes the name of an earlier one', async () => {
    const own = source(named('own', 'clock'));
    const remote = source(named('remote', 'clock'), named('remote', 'crm__find'));
    expect(await names(own, remote)).toEqual(['own:clock', 'remote:crm__find']);
  });

  it('are bounded, and have names that models accept', async () => {
    const many = Array.from({ length: 500 }, (_, index) => named('', `tool_${index}`));
    expect(await names(source(...many))).toHaveLength(200);
    expect(await names(source(named('', 'a b'), named('', ''), named('', 'x'.repeat(65))))).toEqual([]);
  });
});
