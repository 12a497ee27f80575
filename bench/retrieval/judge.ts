import type { Judged } from './beir.ts';

export interface Quality {
  readonly ndcg10: number;
  readonly recall10: number;
  readonly recall100: number;
}

/** How good rankings are, as BEIR counts it: means over the questions. */
export function judge(questions: readonly Judged[], rankings: ReadonlyMap<string, readonly string[]>): Quality {
  const mean = (of: (relevant: Judged['relevant'], ranking: readonly string[]) => number) =>
    questions.reduce((sum, { id, relevant }) => sum + of(relevant, rankings.get(id) ?? []), 0) / questions.length;
  return {
    ndcg10: mean((relevant, ranking) => ndcg(relevant, ranking.slice(0, 10))),
    recall10: mean((relevant, ranking) => recall(relevant, ranking.slice(0, 10))),
    recall100: mean((relevant, ranking) => recall(relevant, ranking.slice(0, 100))),
  };
}

/** Source: Järvelin and Kekäläinen, Cumulated Gain-Based Evaluation of IR Techniques (2002); linear gains, as trec_eval. */
function ndcg(relevant: Judged['relevant'], ranking: readonly string[]): number {
  const discounted = (gains: readonly number[]) =>
    gains.reduce((sum, gain, index) => sum + gain / Math.log2(index + 2), 0);
  const ideal = [...relevant.values()].sort((a, b) => b - a).slice(0, 10);
  return discounted(ranking.map((id) => relevant.get(id) ?? 0)) / discounted(ideal);
}

function recall(relevant: Judged['relevant'], ranking: readonly string[]): number {
  return ranking.filter((id) => relevant.has(id)).length / relevant.size;
}
