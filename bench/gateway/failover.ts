import { median } from '../statistics.ts';
import { askModel, type StreamedAnswer, type Target } from './ask-model.ts';
import { FAILING_MODELS, FAILURES, type FailoverServers, failingModel } from './catalogs.ts';

const BATCHES = 30;
const BATCH = 16;
const MOST_FAILURES = 8;
const STEADY_REQUESTS = 24;
/** How a deployment can fail, before its first token and after it. */
const RANDOM_FAILURES = [
  { kind: 'server-error' },
  { kind: 'throttle', retryAfter: { header: 'retry-after-ms', value: '20' } },
  { kind: 'cut-stream', afterTokens: 0 },
  { kind: 'error-in-stream', afterTokens: 0 },
  { kind: 'cut-stream', afterTokens: 3 },
  { kind: 'error-in-stream', afterTokens: 3 },
] as const;
const API_PATH = '/openai/deployments/local-extractive/chat/completions?api-version=2024-10-21';
const question = (number: number) =>
  `What does the handbook say about travel budget number ${number}? Answer in detail.`;

/** Milliseconds, medians. */
export interface FailoverTime {
  readonly failure: (typeof FAILURES)[number];
  /** The failed attempt, made directly. */
  readonly failed: number;
  /** Through the door, where the first deployment answers. */
  readonly without: number;
  /** Through the door, where the first one fails and the second one answers. */
  readonly through: number;
}

/** What failing over takes that neither the failed attempt nor the answer does, in milliseconds. */
export const addedBeyond = ({ through, without, failed }: FailoverTime): number => through - without - failed;

/** What became of requests to a model of which deployments fail at random. */
export interface RandomOutcome {
  readonly requests: number;
  readonly whole: number;
  /** Broke off after the first token, and the client was told. */
  readonly told: number;
  readonly failures: readonly string[];
}

/** Times requests whose first deployment fails, each to a model that nobody asked before. */
export async function measureFailover(door: Target, servers: FailoverServers): Promise<FailoverTime[]> {
  const without = await timesOf(STEADY_REQUESTS, (index) => askWhole(door, 'steady', index));
  const taken: FailoverTime[] = [];
  for (const failure of FAILURES) {
    const planned = [{ kind: failure, times: 2 * FAILING_MODELS }];
    await control(servers.one, 'POST', planned);
    const direct = directTo(servers.one);
    const failed = await timesOf(FAILING_MODELS, (index) => askModel(direct, '', question(index)));
    const through = await timesOf(FAILING_MODELS, (index) => askWhole(door, failingModel(failure, index), index));
    await control(servers.one, 'DELETE');
    taken.push({ failure, failed, without, through });
  }
  return taken;
}

/** Asks in batches while two of three deployments fail at random, and compares every answer with what it should be. */
export async function failAtRandom(
  door: Target,
  servers: FailoverServers,
  random: () => number,
): Promise<RandomOutcome> {
  const failures: string[] = [];
  let [whole, told] = [0, 0];
  for (let batch = 0; batch < BATCHES; batch += 1) {
    for (const server of [servers.one, servers.other]) await control(server, 'POST', someFailures(random));
    const numbers = Array.from({ length: BATCH }, (_, index) => batch * BATCH + index);
    const answers = await Promise.all(numbers.map((number) => askModel(door, 'shaky', question(number))));
    for (const [index, answer] of answers.entries()) {
      const expected = await askModel(directTo(servers.steady), '', question(numbers[index] ?? 0));
      const problem = problemOf(answer, expected.text);
      if (problem) failures.push(`${question(numbers[index] ?? 0)} ${problem}`);
      else if (answer.end === 'done') whole += 1;
      else told += 1;
    }
  }
  return { requests: BATCHES * BATCH, whole, told, failures };
}

/** A whole answer must be the expected one; one that broke off, and said so, the beginning of it. */
function problemOf({ status, text, end }: StreamedAnswer, expected: string): string | null {
  if (status !== 200) return `was refused with ${status}, although a deployment could answer.`;
  if (end === 'nothing') return 'ended without a word.';
  if (end === 'done') return text === expected ? null : `got a wrong answer: ${text}`;
  return text !== '' && expected.startsWith(text) ? null : `broke off after a wrong beginning: ${text}`;
}

function someFailures(random: () => number): object[] {
  const count = Math.floor(random() * (MOST_FAILURES + 1));
  return Array.from({ length: count }, () => RANDOM_FAILURES[Math.floor(random() * RANDOM_FAILURES.length)] ?? {});
}

async function askWhole(door: Target, model: string, index: number): Promise<StreamedAnswer> {
  const answer = await askModel(door, model, question(index));
  if (answer.status === 200 && answer.end === 'done') return answer;
  throw new Error(`${model} answered ${answer.status}, ${answer.end}: ${answer.text}`);
}

async function timesOf(count: number, ask: (index: number) => Promise<StreamedAnswer>): Promise<number> {
  const taken: number[] = [];
  for (let index = 0; index < count; index += 1) taken.push((await ask(index)).milliseconds);
  return median(taken);
}

function directTo(url: string): Target {
  return { url: `${url}${API_PATH}`, headers: { 'api-key': 'local' } };
}

async function control(url: string, method: 'POST' | 'DELETE', failures?: object[]): Promise<void> {
  const body = failures && JSON.stringify(failures);
  const response = await fetch(`${url}/_control/failures`, { method, ...(body && { body }) });
  if (!response.ok) throw new Error(`The model server answered ${response.status}: ${await response.text()}`);
}
