import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anybody } from '../../../bench/embedding-model.ts';
import { type GroundingPair, groundingPairs } from '../../../bench/grounding-pairs.ts';
import { heldOutPairs } from '../../../bench/held-out-pairs.ts';
import { hashingEmbedding } from '../../../local/emulators/model-server/hashing-embedder.ts';
import { createSupportCheck } from '../../../shared/grounding/answer-support.ts';
import type { SeenPassage } from '../../../shared/grounding/source.ts';
import { supportNotice } from '../../../shared/grounding/support-notice.ts';
import type { EmbeddingModel } from '../../../shared/models/embedding-model.ts';

const TOKENS = 7;
const never = new AbortController().signal;
const passage = (text: string, documentName = 'a.md') => ({ text, documentName, headingPath: [] });

function embedding(embed: EmbeddingModel['embed']): EmbeddingModel {
  return { name: 'embedding', dimensions: 512, embed };
}
const hashing = embedding(async (_user, texts) => ({
  vectors: texts.map((text) => Array.from(hashingEmbedding(text))),
  inputTokens: TOKENS,
}));
const down = embedding(() => Promise.reject(new Error('down')));
/** Takes everything for the same. */
const flattering = embedding(async (_user, texts) => ({ vectors: texts.map(() => [1, 0]), inputTokens: TOKENS }));

const TRAVEL = passage('Dinner is paid up to 45 euros. Alcohol is not reimbursed.');
const LEAVE = passage('Every employee has 30 days of annual leave. Interns receive no paid leave.');

async function check(answer: string, model = down, passages: readonly SeenPassage[] = [TRAVEL, LEAVE]) {
  const { support, embedding: used } = await createSupportCheck(model)(anybody, answer, passages, never);
  return { ...support, used, marks: support.sentences.map(({ isSupported }) => isSupported) };
}

describe('the support of an answer', () => {
  it('is told for each sentence and for all of it', async () => {
    expect(await check('Dinner is paid up to 45 euros [1]. Employees have 30 days of leave [2].')).toMatchObject({
      status: 'supported',
      marks: [true, true],
    });
    expect(await check('Dinner is paid up to 54 euros [1]. Employees have 30 days of leave [2].')).toMatchObject({
      status: 'partly',
      marks: [false, true],
    });
    expect(await check('Alcohol is reimbursed [1].')).toMatchObject({ status: 'unsupported', marks: [false] });
  });

  it('comes from the passages that are cited, and no others', async () => {
    expect((await check('Dinner is paid up to 45 euros [2].')).status).toBe('unsupported');
    expect((await check('Dinner is paid up to 45 euros [7].')).status).toBe('unsupported');
    expect((await check('Dinner is paid up to 45 euros, and employees have 30 days of leave [1][2].')).status).toBe(
      'supported',
    );
  });

  it('comes from what surrounds a passage too, and from the header of its table, as the model has read it', async () => {
    const surroundings = { text: `Meals are paid on journeys. ${TRAVEL.text}`, start: 0, end: 85 };
    const row = { ...passage('Paris | 90 euros'), tableHeader: 'Town | Highest hotel price' };
    const answer = 'Meals are paid on journeys [1]. The highest hotel price in the town of Paris is 90 euros [2].';
    expect((await check(answer, down, [{ ...TRAVEL, surroundings }, row])).marks).toEqual([true, true]);
    expect((await check(answer, down, [TRAVEL, passage(row.text)])).marks).toEqual([false, false]);
  });

  it('keeps the cells of a row as it was extracted together, under the names of their columns', async () => {
    const table = passage('Hotels.\n\nTown | Highest price\nParis | 90 euros\nRome | 80 euros');
    const supported = async (answer: string) => (await check(answer, down, [table])).marks;
    expect(await supported('The highest price in Paris is 90 euros [1].')).toEqual([true]);
    expect(await supported('The highest price in Rome is 90 euros [1].')).toEqual([false]);
  });

  it('counts what cites nothing as unsupported, and nothing that claims nothing', async () => {
    expect(await check('Dinner is paid up to 45 euros [1]. Lunch is paid as well.')).toMatchObject({
      status: 'partly',
      marks: [true, false],
    });
    expect((await check('Dinner is paid up to 45 euros.')).status).toBe('nothing-cited');
    expect((await check('Hello! The documents do not say.')).status).toBe('no-claims');
    expect((await check('Dinner is paid up to 45 euros [1]. I hope this helps!')).status).toBe('supported');
  });

  it('may come from the title of a document', async () => {
    const passages = [passage('Dinner is paid up to 45 euros.', 'Travel Policy Contoso.pdf')];
    expect((await check('At Contoso dinner is paid up to 45 euros [1].', down, passages)).status).toBe('supported');
  });

  it('may come from meaning, but never over a wrong number, name or negation', async () => {
    const other = 'Workers enjoy generous holidays [2].';
    expect((await check(other)).status).toBe('unsupported');
    expect(await check(other, flattering)).toMatchObject({
      status: 'supported',
      used: { model: 'embedding', usage: { inputTokens: TOKENS } },
    });
    for (const wrong of [
      'Workers enjoy 31 holidays [2].',
      'Alcohol is reimbursed [1].',
      'Dinner is paid up to 45 euros in Paris [1].',
    ]) {
      expect([wrong, (await check(wrong, flattering)).status]).toEqual([wrong, 'unsupported']);
    }
  });

  it('costs no embedding where the words decide', async () => {
    expect(
      (await check('Dinner is paid up to 45 euros [1]. Dinner is paid up to 46 euros [1].', flattering)).used,
    ).toBeNull();
  });

  it('asks for embeddings once, within bounds, and goes without them when they are late', async () => {
    const asked: number[] = [];
    const counting = embedding(async (_user, texts) => {
      asked.push(texts.length);
      return { vectors: texts.map(() => [1]), inputTokens: TOKENS };
    });
    const many = Array.from(
      { length: 200 },
      (_, index) => `Something quite different happens here too x${index}y [1].`,
    );
    const long = passage(Array.from({ length: 200 }, (_, index) => `Sentence about topic${index}.`).join(' '));
    await check(many.join(' '), counting, [long]);
    expect(asked).toHaveLength(1);
    expect(asked[0]).toBeLessThanOrEqual(64);

    const late = embedding(async (_user, _texts, signal) => sleep(60_000, { vectors: [], inputTokens: 0 }, { signal }));
    const started = performance.now();
    expect(await check('Workers enjoy generous holidays [2].', late)).toMatchObject({
      status: 'unsupported',
      used: null,
    });
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  it('stays within its bounds for any text', async () => {
    const texts = fc.array(
      fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom(' [1] ', '. ', '\n- ', '|', ' 12 ', '\n# ', 'not ')),
    );
    await fc.assert(
      fc.asyncProperty(texts, texts, async (answer, source) => {
        const text = answer.join('');
        const { sentences } = await check(text, hashing, [passage(source.join(''))]);
        let last = 0;
        for (const { start, end, score } of sentences) {
          expect(start).toBeGreaterThanOrEqual(last);
          expect(end).toBeGreaterThan(start);
          expect(score).toBeGreaterThanOrEqual(0);
          expect(score).toBeLessThanOrEqual(1);
          last = end;
        }
        expect(last).toBeLessThanOrEqual(text.length);
      }),
    );
  });
});

/** What share of the sentences that pass should, and of those that should do. */
async function quality(pairs: readonly GroundingPair[]) {
  const passed = await Promise.all(
    pairs.map(async ({ claim, passages }) => {
      const markers = passages.map((_, index) => `[${index + 1}]`).join('');
      return (
        (
          await check(
            `${claim} ${markers}`,
            hashing,
            passages.map((text) => passage(text)),
          )
        ).status === 'supported'
      );
    }),
  );
  const right = pairs.filter(({ isSupported }, index) => isSupported && passed[index]).length;
  return {
    precision: right / passed.filter(Boolean).length,
    recall: right / pairs.filter(({ isSupported }) => isSupported).length,
  };
}

describe('on sentences made by hand', () => {
  it.each([
    ['that the checks were adjusted with', groundingPairs, 0.95, 0.95],
    ['that they were not', heldOutPairs, 0.85, 0.9],
  ])('is right as often as measured: %s', async (_, pairs, precision, recall) => {
    const measured = await quality(pairs);
    expect(measured.precision).toBeGreaterThanOrEqual(precision);
    expect(measured.recall).toBeGreaterThanOrEqual(recall);
  });
});

describe('a notice', () => {
  it('ends an answer that nothing supports, and no other', () => {
    const noticeFor = (status: Parameters<typeof supportNotice>[0]['status']) =>
      supportNotice({ status, sentences: [] });
    expect(noticeFor('unsupported')).toContain('The documents do not say');
    expect(noticeFor('nothing-cited')).toContain('The documents do not say');
    expect(['supported', 'partly', 'no-claims'].map((status) => noticeFor(status as 'supported'))).toEqual([
      null,
      null,
      null,
    ]);
  });
});
