import type { ModelFinishReason, ModelUsage } from '../../models/chat-model.ts';
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
const OPENING_BRACE = 0x7b;
const SPACE = 0x20;
const COLON = 0x3a;
const LETTER_N = 0x6e;

// A quote within a text is escaped, so these can only be keys, or values that no colon follows.
const USAGE = Buffer.from('"usage"');
const FINISH_REASON = Buffer.from('"finish_reason"');
const ERROR = Buffer.from('"error"');
const DONE = Buffer.from('[DONE]');
/** Within so many bytes of its end a block may say `[DONE]`. */
const DONE_BYTES = 32;
const TEXTS = [Buffer.from('"content":"'), Buffer.from('"arguments":"')];

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
  readonly usage?: ServiceUsage | null;
  readonly error?: ServiceError | string | null;
}

export interface ServiceUsage {
  readonly prompt_tokens?: number;
  readonly completion_tokens?: number;
  readonly prompt_tokens_details?: { readonly cached_tokens?: number } | null;
}

export function toModelUsage(usage: ServiceUsage): ModelUsage {
  return {
    inputTokens: usage.prompt_tokens ?? 0,
    cachedInputTokens: usage.prompt_tokens_details?.cached_tokens ?? 0,
    outputTokens: usage.completion_tokens ?? 0,
  };
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

  function parseLine(bytes: Buffer, start: number, end: number): void {
    const frame = frameIn(bytes.toString('utf8', start, end));
    if (!frame) return;
    if (frame.usage) facts.usage = toModelUsage(frame.usage);
    if (frame.error) facts.error = typeof frame.error === 'string' ? { message: frame.error } : frame.error;
    frame.choices?.forEach(readChoice);
  }

  function readChoice({ delta, finish_reason }: Choice): void {
    if (finish_reason) facts.finishReason = toFinishReason(finish_reason);
    if (finish_reason || hasToken(delta)) facts.hasBegun = true;
  }

  /** Parses the lines in which `key` has a value that `matters`. */
  function parseLinesWith(key: Buffer, matters: (byte: number) => boolean, block: Buffer): void {
    for (let at = block.indexOf(key); at !== -1; at = block.indexOf(key, at + key.length)) {
      if (!matters(firstOfValue(block, at + key.length))) continue;
      const end = block.indexOf(LINE_FEED, at);
      parseLine(block, block.lastIndexOf(LINE_FEED, at) + 1, end === -1 ? block.length : end);
      at = end === -1 ? block.length : end;
    }
  }

  function readLines(block: Buffer): void {
    if (!facts.hasBegun) {
      readFirstLines(block);
      return;
    }
    for (const text of TEXTS) facts.textBytes += textBytesIn(block, text);
    parseLinesWith(USAGE, isObject, block);
    parseLinesWith(FINISH_REASON, isText, block);
    parseLinesWith(ERROR, isNotNull, block);
  }

  /** Until the first token every line counts; there are only a few. */
  function readFirstLines(block: Buffer): void {
    let start = 0;
    while (start < block.length && !facts.hasBegun) {
      const feed = block.indexOf(LINE_FEED, start);
      const end = feed === -1 ? block.length : feed;
      parseLine(block, start, end);
      if (facts.hasBegun) for (const text of TEXTS) facts.textBytes += textBytesIn(block.subarray(start, end), text);
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

const isObject = (byte: number) => byte === OPENING_BRACE;
const isText = (byte: number) => byte === QUOTE;
const isNotNull = (byte: number) => byte !== LETTER_N && byte !== 0;

/** The first byte of the value after a key; 0 when no value follows. */
function firstOfValue(block: Buffer, from: number): number {
  let at = from;
  while (block[at] === SPACE) at += 1;
  if (block[at] !== COLON) return 0;
  at += 1;
  while (block[at] === SPACE) at += 1;
  return block[at] ?? 0;
}

function saysDone(block: Buffer): boolean {
  const at = block.indexOf(DONE, Math.max(0, block.length - DONE_BYTES));
  return at !== -1 && block.toString('latin1', block.lastIndexOf(LINE_FEED, at) + 1, at).trim() === 'data:';
}

function textBytesIn(block: Buffer, opening: Buffer): number {
  let bytes = 0;
  for (let at = block.indexOf(opening); at !== -1; at = block.indexOf(opening, at)) {
    const start = at + opening.length;
    at = endOfText(block, start);
    bytes += at - start;
  }
  return bytes;
}

/** Where the quote is that ends a text. */
function endOfText(block: Buffer, start: number): number {
  let at = start;
  while (at < block.length && block[at] !== QUOTE) at += block[at] === BACKSLASH ? 2 : 1;
  return Math.min(at, block.length);
}
