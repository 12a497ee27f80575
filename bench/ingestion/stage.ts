import { median, rounded } from '../statistics.ts';

const ROUNDS = 3;
const MICROSECONDS = 1e6;

/** What one round of a stage works on, all of it. */
export interface Amounts {
  readonly pages: number;
  /** Bytes of the text that comes out of, or goes through, the stage. */
  readonly textBytes: number;
  /** null where there are none yet. */
  readonly chunks: number | null;
}

export interface Contender {
  readonly name: string;
  readonly amounts: () => Amounts;
  readonly work: () => Promise<unknown>;
}

/** Tells the seconds that some work takes. */
type Clock = (work: () => Promise<unknown>) => Promise<number>;

/**
 * Runs contenders in turn, round by round, after one that is not counted; gives a row of what each does in a second of
 * the clock.
 */
export async function measureInTurn(
  contenders: readonly Contender[],
  { clock, rounds = ROUNDS }: { readonly clock: Clock; readonly rounds?: number },
): Promise<string[][]> {
  const seconds = new Map(contenders.map(({ name }): [string, number[]] => [name, []]));
  for (let round = 0; round <= rounds; round += 1) {
    for (const { name, work } of contenders) {
      const taken = await clock(work);
      if (round > 0) seconds.get(name)?.push(taken);
    }
  }
  return contenders.map(({ name, amounts }) => toRow(name, amounts(), median(seconds.get(name) ?? [])));
}

/** Of all threads of this process: the same however busy the machine is, but blind to what other processes do for it. */
export const processorSeconds: Clock = async (work) => {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / MICROSECONDS;
};

export const secondsOf: Clock = async (work) => {
  const startedAt = performance.now();
  await work();
  return (performance.now() - startedAt) / 1000;
};

function toRow(name: string, { pages, textBytes, chunks }: Amounts, seconds: number): string[] {
  const perSecond = (amount: number | null) => (amount === null ? '–' : rounded(amount / seconds));
  return [
    name,
    perSecond(pages),
    perSecond(textBytes / 1e6),
    perSecond(chunks),
    chunks === null ? '–' : String(chunks),
  ];
}
