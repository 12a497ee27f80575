import type { WriteStream } from 'node:tty';
import { styleText } from 'node:util';

const MAX_WIDTH = 100;

/** Where the demo writes to; colours and redrawn lines only when a person watches. */
export interface Screen {
  readonly isInteractive: boolean;
  /** Columns that a line may fill. */
  readonly width: number;
  write(text: string): void;
  line(text?: string): void;
  title(text: string): void;
  /** Shows a line in place of the one that this showed before. */
  redraw(text: string): void;
  paint(style: Style, text: string): string;
  /** Swallows whatever comes later. */
  mute(): void;
}

type Style = 'bold' | 'dim' | 'green' | 'red' | 'cyan';

/** A screen on a stream; a pipe and `NO_COLOR` (no-color.org) turn the colours off. */
export function createScreen(stream: WriteStream, environment: Record<string, string | undefined>): Screen {
  const isInteractive = stream.isTTY === true;
  const hasColours = isInteractive && !environment.NO_COLOR && environment.TERM !== 'dumb';
  let isMuted = false;

  const write = (text: string) => {
    if (!isMuted) stream.write(text);
  };
  const paint = (style: Style, text: string) => (hasColours ? styleText(style, text, { validateStream: false }) : text);

  return {
    isInteractive,
    width: Math.min(stream.columns || MAX_WIDTH, MAX_WIDTH),
    write,
    paint,
    line: (text = '') => write(`${text}\n`),
    title: (text) => write(`\n${paint('bold', text)}\n`),
    redraw: (text) => write(`\r\u001b[K${text}`),
    mute() {
      isMuted = true;
    },
  };
}
