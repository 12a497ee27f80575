import { type CompletionUsage, usageOf } from '../../contracts/openai.ts';
import type { ModelFinishReason, ModelUsage } from '../../models/model-usage.ts';
import type { ServiceError } from './model-failure.ts';

/** What a stream of server-sent events has said so far. */
export interface StreamFacts {
  /** A token, or the end of an answer without one. */
  readonly hasBegun: boolean;
  readonly usage: ModelUsage | null;
  readonly finishReason: ModelFinishReason | null;
  readonly error: ServiceError | null;
  /** `[DONE]` came, after which nothing does, even if the connection stays open. */
  readonly isDone: boolean;
  /** About how many bytes of text and of arguments of tools came. */
  readonly textBytes: number;
}

export interface FrameScanner extends StreamFacts {
  /** @returns false when a frame is longer than any service sends. */
  read(chunk: Buffer): boolean;
  /** Reads a last line that has no end. */
  end(): void;
}

const MAX_LINE_BYTES = 4 * 1024 * 1024;
const LINE_FEED = 0x0a;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const SPACE = 0x20;
const CLOSING_BRACKET = 0x5d;

// A quote within a text is escaped, so these can only be keys. They begin without their quotes, as JSON is full of quotes
// and a search would halt at each of them; that they find longer keys as well does no harm.
/** What only few frames say: a usage, a reason and an error that are not null. */
const TELLING = [/usage"\s*:\s*\{/g, /finish_reason"\s*:\s*"/g, /error"\s*:\s*[^\sn]/g] as const;
const CONTENT = 'content":"';
const ARGUMENTS = 'arguments":"';

const FINISH_REASONS: Readonly<Record<string, ModelFinishReason>> = {
  stop: 'stop',
  length: 'length',
  content_filter: 'content-filter',
  tool_calls: 'tool-calls',
  function_call: 'tool-calls',
};

interface Choice {
  readonly delta?: Readonly<Record<string, unknown>> | null;
  readonly finish_reason?: string | null;
}

/** A frame as services really send it: any part may be missing. */
interface Frame {
  readonly choices?: readonly Choice[] | null;
  readonly usage?: CompletionUsage | null;
  readonly error?: ServiceError | string | null;
}

export const toFinishReason = (reason: string): ModelFinishReason => FINISH_REASONS[reason] ?? 'stop';

/**
 * Reads the bytes of a stream beside those who pass them on. It looks for the few frames that matter and parses only
 * these; lines may be split anywhere over chunks.
 */
export function createFrameScanner(): FrameScanner {
  const facts: { -readonly [K in keyof StreamFacts]: StreamFacts[K] } = {
    hasBegun: false,
    usage: null,
    finishReason: null,
    error: null,
    isDone: false,
    textBytes: 0,
  };
  let rest: Buffer | null = null;
  /** What comes before the texts of this stream: it answers, or it calls tools. */
  let opening = CONTENT;

  function parseLine(bytes: Buffer, start: number, end: number): void {
    const frame = frameIn(bytes.toString('utf8', start, end));
    if (!frame) return;
    if (frame.usage) facts.usage = usageOf(frame.usage);
    if (frame.error) facts.error = typeof frame.error === 'string' ? { message: frame.error } : frame.error;
    frame.choices?.forEach(readChoice);
  }

  function readChoice({ delta, finish_reason }: Choice): void {
    if (finish_reason) facts.finishReason = toFinishReason(finish_reason);
    if (finish_reason || hasToken(delta)) facts.hasBegun = true;
  }

  function parseLinesWith(pattern: RegExp, block: Buffer, text: string): void {
    pattern.lastIndex = 0;
    for (let found = pattern.exec(text); found !== null; found = pattern.exec(text)) {
      const feed = text.indexOf('\n', found.index);
      const end = feed === -1 ? block.length : feed;
      parseLine(block, text.lastIndexOf('\n', found.index) + 1, end);
      pattern.lastIndex = end;
    }
  }

  function readLines(block: Buffer): void {
    if (!facts.hasBegun) {
      readFirstLines(block);
      return;
    }
    // A character for each byte: to search a string is several times faster than to search a buffer again and again.
    const text = block.toString('latin1');
    facts.textBytes += textBytesIn(text, opening);
    for (const pattern of TELLING) parseLinesWith(pattern, block, text);
  }

  /** Until the first token every line counts; there are only a few. */
  function readFirstLines(block: Buffer): void {
    let start = 0;
    while (start < block.length && !facts.hasBegun) {
      const feed = block.indexOf(LINE_FEED, start);
      const end = feed === -1 ? block.length : feed;
      parseLine(block, start, end);
      if (facts.hasBegun) {
        const line = block.toString('latin1', start, end);
        opening = line.includes(CONTENT) ? CONTENT : ARGUMENTS;
        facts.textBytes += textBytesIn(line, opening);
      }
      start = end + 1;
    }
    if (start < block.length) readLines(block.subarray(start));
  }

  return {
    get hasBegun() {
      return facts.hasBegun;
    },
    get usage() {
      return facts.usage;
    },
    get finishReason() {
      return facts.finishReason;
    },
    get error() {
      return facts.error;
    },
    get isDone() {
      return facts.isDone;
    },
    get textBytes() {
      return facts.textBytes;
    },
    read(chunk) {
      const block: Buffer = rest ? Buffer.concat([rest, chunk]) : chunk;
      const end = block.lastIndexOf(LINE_FEED) + 1;
      rest = end === block.length ? null : block.subarray(end);
      if (end > 0) readLines(end === block.length ? block : block.subarray(0, end));
      facts.isDone ||= saysDone(block);
      return rest === null || rest.length <= MAX_LINE_BYTES;
    },
    end() {
      if (rest) readLines(rest);
      rest = null;
    },
  };
}

/** The JSON of a data line; null for anything else, such as a comment, `[DONE]` or a broken frame. */
export function frameIn(line: string): Frame | null {
  if (!line.startsWith('data:')) return null;
  try {
    const frame: unknown = JSON.parse(line.slice(5));
    return typeof frame === 'object' ? (frame as Frame | null) : null;
  } catch {
    return null;
  }
}

function hasToken(delta: Readonly<Record<string, unknown>> | null | undefined): boolean {
  for (const [name, value] of Object.entries(delta ?? {})) {
    if (name !== 'role' && value !== null && value !== '') return true;
  }
  return false;
}

function saysDone(block: Buffer): boolean {
  let end = block.length;
  while (end > 0 && (block[end - 1] ?? 0) <= SPACE) end -= 1;
  if (block[end - 1] !== CLOSING_BRACKET) return false;
  const line = block.toString('latin1', block.lastIndexOf(LINE_FEED, end - 1) + 1, end);
  return /^data: ?\[DONE\]$/.test(line);
}

function textBytesIn(text: string, opening: string): number {
  let bytes = 0;
  for (let at = text.indexOf(opening); at !== -1; at = text.indexOf(opening, at)) {
    const start = at + opening.length;
    at = endOfText(text, start);
    bytes += at - start;
  }
  return bytes;
}

/** Where the quote is that ends a text. */
function endOfText(text: string, start: number): number {
  let at = start;
  while (at < text.length && text.charCodeAt(at) !== QUOTE) at += text.charCodeAt(at) === BACKSLASH ? 2 : 1;
  return Math.min(at, text.length);
}
