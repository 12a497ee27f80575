import type { AnswerSupport } from '../contracts/citations.ts';
import { withDeadline } from '../deadline.ts';
import type { EmbeddingModel } from '../models/embedding-model.ts';
import type { ModelUser } from '../models/model-gateway.ts';
import type { ModelUsage } from '../models/model-usage.ts';
import { type Claim, claimsOf } from './answer-claims.ts';
import { type LexicalSupport, lexicalSupport } from './lexical-support.ts';
import { type Comparison, semanticSupport } from './semantic-support.ts';
import { readSource, type SeenPassage, type Source } from './source.ts';

/** From here on a claim counts as supported; one without a number or name that could be wrong needs more of its words. */
const SUPPORTED = 0.5;
const SUPPORTED_WITHOUT_FACTS = 0.55;
/** Cosines between which texts go from unrelated to saying the same. */
const UNRELATED = 0.3;
const SAME_MEANING = 0.85;
/** How much of what the words leave open the meaning can make up for. */
const WORTH_OF_MEANING = 0.65;
const EMBEDDING_MILLISECONDS = 2_000;
/** What is longer is not read to its end. */
const MAX_CHARACTERS = 32_000;
/** Later sentences are checked by their words only. */
const MAX_EMBEDDED_CLAIMS = 16;

export interface SupportCheck {
  readonly support: AnswerSupport;
  /** What it took of the embedding model; null: it was not asked, or did not answer in time. */
  readonly embedding: { readonly model: string; readonly usage: ModelUsage } | null;
}

/** Checks each claim of an answer against the passages that it cites. Never fails: without embeddings the words decide. */
export type CheckSupport = (
  user: ModelUser,
  answer: string,
  passages: readonly SeenPassage[],
  signal: AbortSignal,
) => Promise<SupportCheck>;

export function createSupportCheck(embeddingModel: EmbeddingModel): CheckSupport {
  return async (user, answer, passages, signal) => {
    const read = new Map<number, Source[]>();
    const sourcesOf = (number: number) => {
      const passage = passages[number - 1];
      const sources = read.get(number) ?? (passage ? [readSource(passage)] : []);
      read.set(number, sources);
      return sources;
    };
    const checked = claimsOf(answer.slice(0, MAX_CHARACTERS)).map((claim) => {
      const sources = claim.citations.flatMap(sourcesOf);
      return { claim, sources, lexical: lexicalSupport(claim.text, sources) };
    });
    const open = checked.filter(({ sources, lexical }) => sources.length > 0 && isOpen(lexical));
    const comparisons = open
      .slice(0, MAX_EMBEDDED_CLAIMS)
      .map(({ claim, sources }) => ({ claim: claim.text, sources }));
    const semantic = comparisons.length > 0 ? await embedInTime(embeddingModel, user, comparisons, signal) : null;
    const sentences = checked.map(({ claim, sources, lexical }) => {
      const position = open.findIndex((each) => each.claim === claim);
      return toSentence(claim, sources, lexical, semantic?.similarities[position] ?? null);
    });
    const usage = semantic && { inputTokens: semantic.inputTokens, cachedInputTokens: 0, outputTokens: 0 };
    return {
      support: { status: statusOf(sentences), sentences },
      embedding: usage && { model: embeddingModel.name, usage },
    };
  };
}

/** Whether meaning could change what the words say. */
const isOpen = (lexical: LexicalSupport) => !lexical.contradicts && lexical.score < neededOf(lexical);

const neededOf = ({ hasFacts }: LexicalSupport) => (hasFacts ? SUPPORTED : SUPPORTED_WITHOUT_FACTS);

async function embedInTime(
  model: EmbeddingModel,
  user: ModelUser,
  comparisons: readonly Comparison[],
  signal: AbortSignal,
) {
  try {
    return await withDeadline(EMBEDDING_MILLISECONDS, (late) =>
      semanticSupport(model, user, comparisons, AbortSignal.any([signal, late])),
    );
  } catch {
    return null;
  }
}

function toSentence(
  { start, end, citations }: Claim,
  sources: readonly Source[],
  lexical: LexicalSupport,
  similarity: number | null,
): AnswerSupport['sentences'][number] {
  const meaning = Math.min(1, Math.max(0, ((similarity ?? 0) - UNRELATED) / (SAME_MEANING - UNRELATED)));
  const { score: words, contradicts } = lexical;
  const combined = words + (1 - words) * meaning * WORTH_OF_MEANING;
  const score = sources.length === 0 || contradicts ? 0 : Math.round(combined * 100) / 100;
  return { start, end, citations: [...citations], isSupported: score >= neededOf(lexical), score };
}

function statusOf(sentences: AnswerSupport['sentences']): AnswerSupport['status'] {
  if (sentences.length === 0) return 'no-claims';
  if (sentences.every(({ citations }) => citations.length === 0)) return 'nothing-cited';
  const supported = sentences.filter(({ isSupported }) => isSupported).length;
  if (supported === sentences.length) return 'supported';
  return supported > 0 ? 'partly' : 'unsupported';
}
