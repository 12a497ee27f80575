import type { GatewayRequest } from '../../models/model-gateway.ts';
import type { ModelUsage } from '../../models/model-usage.ts';

const CHARACTERS_PER_TOKEN = 4;

/** What an answer took where its service did not count: four characters a token. */
export function estimateUsage({ body }: GatewayRequest, answerCharacters: number): ModelUsage {
  return {
    inputTokens: Math.ceil((textLength(body.messages) + textLength(body.input)) / CHARACTERS_PER_TOKEN),
    cachedInputTokens: 0,
    outputTokens: Math.ceil(answerCharacters / CHARACTERS_PER_TOKEN),
    isEstimated: true,
  };
}

/** The characters of texts, of the content of messages and of their parts. */
function textLength(value: unknown): number {
  if (typeof value === 'string') return value.length;
  if (Array.isArray(value)) return value.reduce((sum: number, item) => sum + textLength(item), 0);
  if (typeof value !== 'object' || value === null) return 0;
  const { content, text } = value as { content?: unknown; text?: unknown };
  return textLength(content) + textLength(text);
}
