import { createHash } from 'node:crypto';
import type { Candidate } from './deployment-pool.ts';

/** So many requests more than the idlest one, and a deployment is too busy for what is warm there to be worth it. */
const BUSY_REQUESTS = 8;

export interface PickOptions {
  /** What shares the beginning of its prompts. */
  readonly affinity: string | undefined;
  readonly tokens: number;
  /** A number from 0 to below 1. */
  readonly random: () => number;
}

/**
 * Picks among deployments that may be asked: those of the lowest priority number; of them one with room in its limits;
 * of them the one that the affinity is warm at, unless it is much busier than another; else by weight, and by how busy
 * they are. null when there are none.
 */
export function pickDeployment(candidates: readonly Candidate[], options: PickOptions): Candidate | null {
  if (candidates.length === 0) return null;
  const first = Math.min(...candidates.map(priorityOf));
  const preferred = candidates.filter((candidate) => priorityOf(candidate) === first);
  const roomy = preferred.filter(({ state }) => state.hasRoomFor(options.tokens));
  const others = candidates.filter(({ state }) => state.hasRoomFor(options.tokens));
  // A deployment that is full would refuse; a lower priority that has room answers.
  if (roomy.length === 0 && others.length > 0) return pickDeployment(others, options);
  const equals = roomy.length > 0 ? roomy : preferred;
  if (equals.length === 1) return equals[0] ?? null;
  return options.affinity === undefined ? byWeight(equals, options.random) : byAffinity(equals, options.affinity);
}

const priorityOf = ({ target }: Candidate) => target.deployment.priority;
const weightOf = ({ target }: Candidate) => target.deployment.weight;
/** How busy a deployment would be with one more request, by its weight. */
const loadOf = (candidate: Candidate) => (candidate.state.inFlight + 1) / weightOf(candidate);

/** Shares by weight while there is little to do; whoever is drawn but busy gives way to the least busy one. */
function byWeight(candidates: readonly Candidate[], random: () => number): Candidate | null {
  const total = candidates.reduce((sum, candidate) => sum + weightOf(candidate), 0);
  const drawn = candidateAt(candidates, random() * total);
  if (!drawn || drawn.state.inFlight === 0) return drawn;
  return candidates.reduce((least, candidate) => (loadOf(candidate) < loadOf(least) ? candidate : least), drawn);
}

/** Candidates lie side by side, each as wide as its weight. */
function candidateAt(candidates: readonly Candidate[], place: number): Candidate | null {
  let end = 0;
  for (const candidate of candidates) {
    end += weightOf(candidate);
    if (place < end) return candidate;
  }
  return candidates.at(-1) ?? null;
}

/** Weighted rendezvous hashing: the same affinity goes the same way, and only what a deployment had moves when it goes. */
function byAffinity(candidates: readonly Candidate[], affinity: string): Candidate | null {
  const scored = candidates.map((candidate) => ({ candidate, score: rendezvous(candidate, affinity) }));
  const ordered = scored.sort((one, other) => other.score - one.score).map(({ candidate }) => candidate);
  const least = Math.min(...candidates.map(({ state }) => state.inFlight));
  return ordered.find(({ state }) => state.inFlight < least + BUSY_REQUESTS) ?? ordered[0] ?? null;
}

function rendezvous(candidate: Candidate, affinity: string): number {
  const digest = createHash('sha1').update(`${candidate.target.key}\n${affinity}`).digest();
  const fraction = (digest.readUInt32BE(0) + 0.5) / 2 ** 32;
  return -weightOf(candidate) / Math.log(fraction);
}
