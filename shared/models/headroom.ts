import type { ModelDeployment } from '../contracts/models.ts';

const MINUTE_MILLISECONDS = 60_000;

/** What is left of the limits of a deployment in this minute, as far as this instance knows. */
export interface Headroom {
  hasRoomFor(tokens: number): boolean;
  /** Until when it has none, in milliseconds since the epoch; 0 when it has, or when no minute would have enough. */
  fullUntil(tokens: number): number;
  /** Counts a request; the answer corrects the estimate by what it took. */
  take(estimatedTokens: number): (tokens: number) => void;
}

export function createHeadroom(
  { tokensPerMinute, requestsPerMinute }: Pick<ModelDeployment, 'tokensPerMinute' | 'requestsPerMinute'>,
  now: () => number,
): Headroom {
  let minute = 0;
  let tokens = 0;
  let requests = 0;
  const turn = () => {
    const current = Math.floor(now() / MINUTE_MILLISECONDS);
    if (current === minute) return;
    minute = current;
    tokens = 0;
    requests = 0;
  };
  function hasRoomFor(wanted: number): boolean {
    turn();
    const hasTokens = tokensPerMinute === undefined || tokens + wanted <= tokensPerMinute;
    return hasTokens && (requestsPerMinute === undefined || requests < requestsPerMinute);
  }
  return {
    hasRoomFor,
    fullUntil(wanted) {
      const isTooLarge = tokensPerMinute !== undefined && wanted > tokensPerMinute && tokens === 0;
      return hasRoomFor(wanted) || isTooLarge ? 0 : (minute + 1) * MINUTE_MILLISECONDS;
    },
    take(estimated) {
      turn();
      const taken = minute;
      tokens += estimated;
      requests += 1;
      return (took) => {
        turn();
        if (minute === taken) tokens += took - estimated;
      };
    },
  };
}
