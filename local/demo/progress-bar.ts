import type { Screen } from './screen.ts';

const BAR_CELLS = 32;
/** How often a log that nobody watches gets a line. */
const PLAIN_STEP = 0.25;

export interface Progress {
  readonly done: number;
  readonly total: number;
  /** Of everything, from 0 to 1; finer than `done / total`. */
  readonly share: number;
  readonly seconds: number;
}

/** One line: a bar, what is done, the share and the time. */
export function renderProgress({ done, total, share, seconds }: Progress): string {
  const filled = Math.floor(clamp(share) * BAR_CELLS);
  const bar = `${'█'.repeat(filled)}${'░'.repeat(BAR_CELLS - filled)}`;
  return `${bar} ${percent(share)}  ${done}/${total} documents  ${seconds.toFixed(1)} s`;
}

/** Shows progress as a bar that moves, or as a few plain lines where nothing can be redrawn. */
export function createProgressBar(screen: Pick<Screen, 'isInteractive' | 'redraw' | 'line'>) {
  let nextShare = 0;
  return {
    show(progress: Progress): void {
      if (screen.isInteractive) {
        screen.redraw(`  ${renderProgress(progress)}`);
        return;
      }
      if (progress.share < nextShare) return;
      const { done, total, share, seconds } = progress;
      screen.line(`  ${percent(share)}  ${done}/${total} documents  ${seconds.toFixed(1)} s`);
      nextShare = Math.floor(share / PLAIN_STEP + 1) * PLAIN_STEP;
    },
    end(): void {
      if (screen.isInteractive) screen.line();
    },
  };
}

const clamp = (share: number) => Math.min(1, Math.max(0, share));

/** Rounded down, so that only what is finished reads as 100 %. */
const percent = (share: number) => `${String(Math.floor(clamp(share) * 100)).padStart(3)} %`;
