import { expect, it } from 'vitest';
import { createProgressBar, renderProgress } from '../../../local/demo/progress-bar.ts';

const at = (share: number) => ({ done: Math.floor(share * 8), total: 8, share, seconds: 1.25 });

/** Notes what would be on the screen. */
function notingScreen(isInteractive: boolean) {
  const lines: string[] = [];
  const redrawn: string[] = [];
  const screen = {
    isInteractive,
    line: (text = '') => void lines.push(text),
    redraw: (text: string) => void redrawn.push(text),
  };
  return { screen, lines, redrawn };
}

it('fills as much of the bar as is done', () => {
  expect(renderProgress(at(0))).toBe(`${'░'.repeat(32)}   0 %  0/8 documents  1.3 s`);
  expect(renderProgress(at(0.5))).toBe(`${'█'.repeat(16)}${'░'.repeat(16)}  50 %  4/8 documents  1.3 s`);
  expect(renderProgress(at(1))).toBe(`${'█'.repeat(32)} 100 %  8/8 documents  1.3 s`);
});

it('never reads as finished before it is, nor as more than that', () => {
  expect(renderProgress(at(0.999))).toContain(' 99 %');
  expect(renderProgress(at(1.2))).toContain('100 %');
});

it('redraws one line where somebody watches', () => {
  const { screen, lines, redrawn } = notingScreen(true);
  const bar = createProgressBar(screen);
  bar.show(at(0.1));
  bar.show(at(0.2));
  bar.end();

  expect(redrawn).toHaveLength(2);
  expect(lines).toEqual(['']);
});

it('writes a few plain lines to a log, the first and the last among them', () => {
  const { screen, lines, redrawn } = notingScreen(false);
  const bar = createProgressBar(screen);
  for (let step = 0; step <= 100; step += 1) bar.show(at(step / 100));
  bar.end();

  expect(lines.map((line) => line.trim().slice(0, 5).trim())).toEqual(['0 %', '25 %', '50 %', '75 %', '100 %']);
  expect(redrawn).toEqual([]);
});
