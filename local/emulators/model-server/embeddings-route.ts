import { setImmediate as nextTurn } from 'node:timers/promises';
import { hashingDeployment } from './deployments.ts';
import { contextTooLong } from './errors.ts';
import { hashingEmbedding } from './hashing-embedder.ts';
import type { ModelCall } from './model-call.ts';
import { excerptOf } from './request-log.ts';
import { embeddingsRequest } from './request-schemas.ts';
import { sendAnswer } from './send-answer.ts';
import { approximateTokens, tokensOf } from './token-counting.ts';

type Vector = Float32Array<ArrayBuffer>;

/** Embeds the inputs of a request. */
export async function answerEmbeddings(call: ModelCall): Promise<void> {
  const { input, encoding_format } = embeddingsRequest.parse(call.body);
  call.record.excerpt = excerptOf(input.join('\n'));
  const hashing = call.deployment === hashingDeployment;
  const tokens = await countTokens(input, call, hashing);
  call.record.promptTokens = tokens;
  const vectors = hashing ? await hashAll(input) : await call.models.embedder.embed(input, call.signal);
  call.record.usageReported = true;
  await sendAnswer(call, {
    object: 'list',
    data: vectors.map((vector, index) => ({ object: 'embedding', index, embedding: written(vector, encoding_format) })),
    model: call.deployment.name,
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  });
}

async function countTokens(
  input: readonly string[],
  { deployment, signal }: ModelCall,
  hashing: boolean,
): Promise<number> {
  const limit = deployment.contextTokens;
  let total = 0;
  for (const text of input) {
    signal.throwIfAborted();
    const tokens = hashing ? approximateTokens(text) : (await tokensOf(text, { limit, param: 'input' })).length;
    if (tokens > limit) throw contextTooLong(limit, tokens, 'input');
    total += tokens;
  }
  return total;
}

async function hashAll(input: readonly string[]): Promise<Vector[]> {
  const vectors: Vector[] = [];
  for (const text of input) {
    vectors.push(hashingEmbedding(text));
    if (vectors.length % 64 === 0) await nextTurn();
  }
  return vectors;
}

function written(vector: Vector, format: 'float' | 'base64' | null | undefined): string | number[] {
  return format === 'base64' ? Buffer.from(vector.buffer).toString('base64') : Array.from(vector);
}
