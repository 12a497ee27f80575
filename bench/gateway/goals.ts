import { rounded } from '../statistics.ts';
import { addedBeyond, type FailoverTime, type RandomOutcome } from './failover.ts';
import type { Figures } from './figures.ts';
import { type Kind, PARALLEL } from './kinds.ts';
import type { SubjectKey } from './subjects.ts';

const MOST_PARALLEL = Math.max(...PARALLEL);
const JSON_MICROSECONDS = 250;
const STREAM_MICROSECONDS = 450;
const TOKEN_MICROSECONDS = 15;
const ADDED_MILLISECONDS = 4;
const FAILOVER_MILLISECONDS = 10;
/** What the floor took for a JSON answer on the machine for which the goals in microseconds were set. */
const FLOOR_MICROSECONDS = 45;
const KINDS: readonly Kind[] = ['json', 'stream', 'paced'];

/** Says of each goal whether it was met; all are of our app with stores that answer at once. */
export function goalNotes(figures: Figures): string[] {
  const ours = (kind: Kind) => figures.microseconds('instant', kind, MOST_PARALLEL);
  const added = figures.addedMilliseconds('instant', MOST_PARALLEL, 0.5);
  return [
    comparison(figures, 'portkey', 'Portkey to OpenAI'),
    comparison(figures, 'portkey-azure', 'Portkey to Azure OpenAI'),
    goal('CPU µs of a JSON answer', ours('json'), JSON_MICROSECONDS),
    goal('CPU µs of a stream of 64 tokens', ours('stream'), STREAM_MICROSECONDS),
    goal('CPU µs a token that comes alone', figures.microsecondsPerToken('instant'), TOKEN_MICROSECONDS),
    `The goals in µs were set on a machine where forwarding alone (\`node:http\` and undici) takes ${FLOOR_MICROSECONDS} µs for a JSON answer; ` +
      `here it takes ${rounded(figures.microseconds('floor', 'json', MOST_PARALLEL))}.`,
    goal('ms added to the first token of a paced stream, 64 parallel', added, ADDED_MILLISECONDS),
  ];
}

/** The goal is less CPU than the other at every load, the aim is half. */
function comparison(figures: Figures, other: SubjectKey, name: string): string {
  const loads = KINDS.flatMap((kind) => PARALLEL.map((parallel) => ({ kind, parallel })));
  const ratios = loads.map(({ kind, parallel }) => ({
    load: `${kind}, ${parallel} parallel`,
    ratio: figures.microseconds('instant', kind, parallel) / figures.microseconds(other, kind, parallel),
  }));
  const over = (limit: number) => ratios.filter(({ ratio }) => !(ratio <= limit)).map(({ load }) => load);
  const verdict = (loads: readonly string[]) => (loads.length === 0 ? 'met' : `missed at ${loads.join('; ')}`);
  const span = [Math.min, Math.max].map((pick) => rounded(pick(...ratios.map(({ ratio }) => ratio)) * 100));
  return (
    `Goal: less CPU than ${name} at every load: ${verdict(over(1))}. Aim: half of it: ${verdict(over(0.5))}. ` +
    `Ours is ${span.join(' to ')} % of it.`
  );
}

export function failoverNotes(times: readonly FailoverTime[], random: RandomOutcome): string[] {
  const most = Math.max(...times.map(addedBeyond));
  const { requests, whole, told, failures } = random;
  return [
    goal('ms that a failover adds beyond the failed attempt', most, FAILOVER_MILLISECONDS),
    `Goal: no answer lost or there twice while two of three deployments fail at random: ${failures.length === 0 ? 'met' : 'missed'}. ` +
      `Of ${requests} streams, ${whole} came whole, word for word, and ${told} broke off after their first token, which they said.`,
  ];
}

function goal(what: string, value: number, limit: number): string {
  return `Goal: at most ${limit} ${what}: ${value <= limit ? 'met' : 'missed'}, ${rounded(value)}.`;
}
