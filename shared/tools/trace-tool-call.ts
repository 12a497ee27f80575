import { metrics } from '../telemetry/metrics.ts';
import { withSpan } from '../telemetry/span.ts';

const REMOTE = '__';

/** Makes a call of a tool a span and measures it. Neither its arguments nor its result are part of it. */
export function traceToolCall<T extends { readonly status: string }>(name: string, run: () => Promise<T>): Promise<T> {
  const startedAt = performance.now();
  const attributes = {
    'gen_ai.operation.name': 'execute_tool' as const,
    'gen_ai.tool.name': name,
    'gen_ai.tool.type': 'function' as const,
  };
  return withSpan(`execute_tool ${name}`, attributes, async (span) => {
    const outcome = await run();
    const { status } = outcome;
    span.set({ 'platform.tool.outcome': status });
    if (status === 'failed') span.failAs('tool_failed');
    metrics.toolDuration.record((performance.now() - startedAt) / 1000, { tool: labelOf(name), outcome: status });
    return outcome;
  });
}

/** Tenants and their servers name remote tools, so that there may be any number of names, and they are not for all to read. */
const labelOf = (name: string) => (name.includes(REMOTE) ? 'remote' : name);
