import { createHash } from 'node:crypto';
import { v5 as uuidv5 } from 'uuid';
import type { PrincipalId, TenantId } from '../contracts/identifiers.ts';
import { asksTheSame } from '../grounding/asks-the-same.ts';
import type { Principal } from '../identity/principal.ts';
import { inTime } from '../in-time.ts';
import type { DocumentKey } from '../knowledge/document-repository.ts';
import type { EmbeddedQuestion } from '../knowledge/embed-question.ts';
import type { VectorSpace, VectorStore } from '../knowledge/vector-store.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { CacheStore } from './cache-store.ts';
import { type CacheableTurn, cacheableTurn, type TurnFacts } from './cacheable-turn.ts';
import { CachedAnswer } from './cached-answer.ts';
import { type FinishedAnswer, isWorthKeeping } from './finished-answer.ts';

const CANDIDATES = 4;
const LOOK_UP_MILLISECONDS = 150;
const STORE_MILLISECONDS = 2_000;
/** A store that failed so often in a row is left alone for a while. */
const MAX_FAILURES = 3;
const PAUSE_MILLISECONDS = 10_000;
/** A tenant's answers have so many places; a new one takes the place of whatever was there. */
const PLACES_PER_TENANT = 4_096;
const PLACE_NAMESPACE = '0d0c2f57-6f0a-4f0e-8a8c-2b8a6a4f7d11';

export interface SemanticCacheOptions {
  readonly store: CacheStore;
  readonly vectorStore: Pick<VectorStore, 'findable'>;
  /** Of every embedding model; answers lie in the space of one that their question was embedded by. */
  readonly spaces: readonly VectorSpace[];
  readonly now: () => Date;
  readonly log: Logger;
}

/**
 * Gives an answer again when the same question comes from somebody who may see the same, of the same knowledge, model and
 * prompt. It never fails, and a store that is slow or down costs a look-up 150 ms at most.
 */
export class SemanticCache {
  readonly #options: SemanticCacheOptions;
  #failures = 0;
  #pausedUntil = 0;

  constructor(options: SemanticCacheOptions) {
    this.#options = options;
  }

  /** Decides whether a turn may use the cache; null: it passes it by, both ways. */
  admit(principal: Principal, facts: TurnFacts): CacheableTurn | null {
    return cacheableTurn(principal, facts);
  }

  /**
   * The most alike answer of which every passage can still be found by who asks; null: there is none. Two round trips.
   * @param beside what the turn waits for anyway: the look-up takes 150 ms longer at most
   */
  async lookUp(
    turn: CacheableTurn,
    question: EmbeddedQuestion,
    beside?: Promise<unknown>,
  ): Promise<CachedAnswer | null> {
    if (this.#now() < this.#pausedUntil) return null;
    try {
      const found = await inTime(LOOK_UP_MILLISECONDS, this.#find(turn, question), beside);
      this.#failures = 0;
      return found;
    } catch (error) {
      this.#fail(error);
      return null;
    }
  }

  /** Keeps an answer if it is one that may be given again. Call it beside what saves the answer. */
  async store(turn: CacheableTurn, question: EmbeddedQuestion, answer: FinishedAnswer): Promise<void> {
    if (!isWorthKeeping(turn, answer) || this.#now() < this.#pausedUntil) return;
    const place = placeIn(turn, question);
    if (!place) return;
    const { text, citations, model, usage, support, title, passages } = answer;
    const passageIds = passages.map(({ id }) => id);
    const kept = { question: question.text, text, citations, model, usage, support, title, passageIds };
    const entry = {
      id: placeOf(turn, question.text),
      vector: place.vector,
      askedBy: turn.askedBy,
      documentIds: [...new Set(passages.map(({ documentId }) => documentId))],
      expiresAt: Math.floor(this.#now() / 1000) + turn.ttlSeconds,
      answer: kept,
    };
    try {
      await inTime(STORE_MILLISECONDS, this.#options.store.put(place.space, turn.key, entry));
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Removes what somebody's questions brought in, and says how much that was. */
  async forgetAsker(asker: { tenantId: TenantId; userId: PrincipalId }): Promise<number> {
    const removed = await this.#inEverySpace((space) => this.#options.store.removeAskedBy(space, asker));
    return removed.reduce((sum, count) => sum + count, 0);
  }

  /** Removes what was answered from a document. */
  async forgetDocument(document: DocumentKey): Promise<void> {
    await this.#inEverySpace((space) => this.#options.store.removeOfDocument(space, document));
  }

  /** Removes what has expired; until then it is kept, but not found. */
  async sweep(): Promise<void> {
    const now = Math.floor(this.#now() / 1000);
    await this.#inEverySpace((space) => this.#options.store.removeExpired(space, now));
  }

  async #find(turn: CacheableTurn, question: EmbeddedQuestion): Promise<CachedAnswer | null> {
    const { store } = this.#options;
    const { similarity } = turn;
    const place = placeIn(turn, question);
    if (!place) return null;
    const now = Math.floor(this.#now() / 1000);
    const query = { vector: place.vector, similarity, limit: CANDIDATES, now };
    const found = await store.nearest(place.space, turn.key, query);
    const candidates = found.flatMap((each) => {
      const { data } = CachedAnswer.safeParse(each);
      return data && asksTheSame(question.text, data.question) ? [data] : [];
    });
    const ids = [...new Set(candidates.flatMap(({ passageIds }) => passageIds))];
    const findable = await this.#findable(turn, ids);
    return candidates.find(({ passageIds }) => passageIds.every((id) => findable.has(id))) ?? null;
  }

  async #findable({ scopes }: CacheableTurn, ids: readonly string[]): Promise<ReadonlySet<string>> {
    if (ids.length === 0) return new Set();
    const { vectorStore } = this.#options;
    const found = await Promise.all([...scopes].map(([model, scope]) => vectorStore.findable({ model }, scope, ids)));
    return new Set(found.flatMap((each) => [...each]));
  }

  #inEverySpace<T>(operate: (space: VectorSpace) => Promise<T>): Promise<T[]> {
    return Promise.all(this.#options.spaces.map(operate));
  }

  #fail(error: unknown): void {
    this.#failures += 1;
    if (this.#failures >= MAX_FAILURES) this.#pausedUntil = this.#now() + PAUSE_MILLISECONDS;
    this.#options.log.warn('semantic cache failed', { error, failures: this.#failures });
  }

  #now(): number {
    return this.#options.now().getTime();
  }
}

/**
 * Where answers to a question lie, and its vector there: with the first of the models that its knowledge bases live in. The
 * same knowledge bases have the same, until one moves, and then its content has another version.
 */
function placeIn({ scopes }: CacheableTurn, { vectors }: EmbeddedQuestion) {
  const names = scopes.size > 0 ? scopes.keys() : vectors.keys();
  const [model = ''] = [...names].sort();
  const vector = vectors.get(model);
  return vector ? { space: { model, dimensions: vector.length }, vector } : null;
}

/** The same question under another state of knowledge has the same place, so that the newer answer replaces the older. */
function placeOf({ key }: CacheableTurn, question: string): string {
  const asked = question.normalize('NFKC').toLowerCase().replaceAll(/\s+/g, ' ').trim();
  const digest = createHash('sha256')
    .update(JSON.stringify([key.access, key.model, key.prompt, asked]))
    .digest();
  return uuidv5(`${key.tenantId}/${digest.readUInt32BE() % PLACES_PER_TENANT}`, PLACE_NAMESPACE);
}
