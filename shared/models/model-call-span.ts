import type { ModelRoute } from '../contracts/models.ts';
import { metrics } from '../telemetry/metrics.ts';
import type { Span } from '../telemetry/span.ts';
import type { SpanAttributes } from '../telemetry/span-attributes.ts';
import type { ModelUsage } from './model-usage.ts';

/** Says when an answer began. `askedAt` is of `performance.now()`. */
export function noteFirstToken(span: Span, model: string, askedAt: number): void {
  const seconds = (performance.now() - askedAt) / 1000;
  span.addEvent('first token');
  span.set({ 'gen_ai.response.time_to_first_chunk': seconds });
  metrics.timeToFirstToken.record(seconds, { 'gen_ai.request.model': model });
}

export const routeAttributes = ({ deployment, region, reason, attempts }: ModelRoute): SpanAttributes => ({
  'platform.deployment': deployment,
  'platform.region': region,
  'platform.route.reason': reason,
  'platform.route.attempts': attempts,
});

export const usageAttributes = (
  { inputTokens, cachedInputTokens, outputTokens }: ModelUsage,
  finishReason: string | null,
): SpanAttributes => ({
  'gen_ai.usage.input_tokens': inputTokens,
  'gen_ai.usage.cache_read.input_tokens': cachedInputTokens,
  'gen_ai.usage.output_tokens': outputTokens,
  'gen_ai.response.finish_reasons': [finishReason ?? 'error'],
});
