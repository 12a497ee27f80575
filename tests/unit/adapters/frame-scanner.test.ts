import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createChatFrames } from '../../../shared/adapters/openai/chat-frames.ts';
import { createFrameScanner } from '../../../shared/adapters/openai/frame-scanner.ts';

type Value = Readonly<Record<string, unknown>>;

const lineEnd = fc.constantFrom('\n\n', '\r\n\r\n', '\n');
/** Texts that look like the keys which the scanner looks for. */
const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 20 }),
  fc.constantFrom(
    '"usage":{',
    '"error":{"message":"x"}',
    '"finish_reason":"stop"',
    'data: [DONE]\n\n',
    '\\',
    '"',
    'usage',
    'error',
  ),
);
const silent: fc.Arbitrary<Value> = fc.constantFrom<Value>(
  {},
  { choices: [] },
  { choices: [{}] },
  { choices: [{ delta: null }], usage: null },
  { choices: [{ delta: { role: 'assistant', content: '' }, finish_reason: null }], usage: null, error: null },
  { choices: [{ delta: { content: null }, content_filter_result: { error: { code: 'content_filter_error' } } }] },
  { choices: [], prompt_filter_results: [{ content_filter_results: { hate: { filtered: false } } }] },
);
const reason = fc.constantFrom('stop', 'length', 'content_filter', 'tool_calls');
const tokens = fc.nat({ max: 100_000 });

const said = (content: string): Value => ({
  choices: [{ index: 0, delta: { content }, finish_reason: null }],
  usage: null,
});

interface Stream {
  readonly bytes: Buffer;
  readonly texts: readonly string[];
  readonly reason: string;
  readonly input: number;
  readonly output: number;
}

const stream: fc.Arbitrary<Stream> = fc
  .record({
    texts: fc.array(text, { maxLength: 12 }),
    noise: fc.array(silent, { maxLength: 12 }),
    reason,
    end: lineEnd,
  })
  .chain((parts) => fc.record({ parts: fc.constant(parts), input: tokens, output: tokens, isSpaced: fc.boolean() }))
  .map(({ parts, input, output, isSpaced }) => {
    const frames: Value[] = [];
    for (let index = 0; index < Math.max(parts.texts.length, parts.noise.length); index += 1) {
      const noise = parts.noise[index];
      const content = parts.texts[index];
      if (noise) frames.push(noise);
      if (content !== undefined) frames.push(said(content));
    }
    frames.push({ choices: [{ index: 0, delta: {}, finish_reason: parts.reason }], usage: null });
    frames.push({ choices: [], usage: { prompt_tokens: input, completion_tokens: output } });
    const written = (frame: Value) => {
      const json = JSON.stringify(frame);
      return isSpaced ? json.replaceAll('":', '": ') : json;
    };
    const lines = [': a comment', ...frames.map((frame) => `data: ${written(frame)}`), 'data: [DONE]'];
    const bytes = Buffer.from(lines.map((line) => line + parts.end).join(''));
    const isAltered = isSpaced && parts.texts.some((content) => JSON.stringify(content).includes('":'));
    return { bytes, texts: isAltered ? [] : parts.texts, reason: parts.reason, input, output };
  });

/** Cuts bytes anywhere, also within a character. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const ends = [...new Set([...places.map((place) => place % (bytes.length + 1)), bytes.length])].sort((a, b) => a - b);
  return ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end));
}

const places = fc.array(fc.nat(), { maxLength: 40 });
const finishReasons: Record<string, string> = {
  stop: 'stop',
  length: 'length',
  content_filter: 'content-filter',
  tool_calls: 'tool-calls',
};

describe('reading a stream beside those who pass it on', () => {
  it('finds reason, usage and end, wherever it is cut and whatever its texts say', () => {
    fc.assert(
      fc.property(stream, places, ({ bytes, ...expected }, cuts) => {
        const scanner = createFrameScanner();
        for (const chunk of cut(bytes, cuts)) expect(scanner.read(chunk)).toBe(true);
        scanner.end();
        expect(scanner.finishReason).toBe(finishReasons[expected.reason]);
        expect(scanner.usage).toMatchObject({ inputTokens: expected.input, outputTokens: expected.output });
        expect([scanner.error, scanner.hasBegun, scanner.isDone]).toEqual([null, true, true]);
      }),
      { numRuns: 500 },
    );
  });

  it('gives the same texts to those who want events', () => {
    fc.assert(
      fc.property(stream, places, ({ bytes, texts }, cuts) => {
        fc.pre(texts.length > 0);
        const frames = createChatFrames();
        const read = cut(bytes, cuts).flatMap((chunk) => frames.textsIn(chunk));
        expect(read.join('')).toBe(texts.join(''));
      }),
      { numRuns: 500 },
    );
  });

  it('finds an error, wherever it is cut', () => {
    const error = fc.constantFrom<Value>(
      { error: { message: 'overloaded', code: 'server_error' } },
      { error: 'overloaded' },
      { choices: [], error: { message: 'overloaded' } },
    );
    fc.assert(
      fc.property(error, fc.boolean(), places, (frame, hasText, cuts) => {
        const lines = [...(hasText ? [said('Hello')] : []), frame].map((value) => `data: ${JSON.stringify(value)}\n\n`);
        const scanner = createFrameScanner();
        for (const chunk of cut(Buffer.from(lines.join('')), cuts)) scanner.read(chunk);
        expect([scanner.error?.message, scanner.hasBegun]).toEqual(['overloaded', hasText]);
      }),
    );
  });

  it('has begun with the first token, a call of a tool or a refusal, and not before', () => {
    const begins = (delta: Value, finish_reason: string | null = null) => {
      const scanner = createFrameScanner();
      scanner.read(Buffer.from(`data: ${JSON.stringify({ choices: [{ delta, finish_reason }] })}\n\n`));
      return scanner.hasBegun;
    };
    expect(begins({ role: 'assistant', content: '', refusal: null })).toBe(false);
    expect(begins({ content: ' ' })).toBe(true);
    expect(begins({ refusal: 'No.' })).toBe(true);
    expect(begins({ tool_calls: [{ index: 0, id: 'call_1' }] })).toBe(true);
    expect(begins({}, 'stop')).toBe(true);
  });

  it('reads a last frame that has no end of line', () => {
    const scanner = createFrameScanner();
    scanner.read(Buffer.from('data: {"choices":[{"delta":{},"finish_reason":"stop"}]}'));
    expect(scanner.finishReason).toBeNull();
    scanner.end();
    expect(scanner.finishReason).toBe('stop');
  });

  it('counts the bytes of texts about, for answers that break off', () => {
    const scanner = createFrameScanner();
    for (const content of ['Hello', ' "world"', 'é']) {
      scanner.read(Buffer.from(`data: ${JSON.stringify(said(content))}\n\n`));
    }
    expect(scanner.textBytes).toBe(5 + 10 + 2);
  });

  it('gives up on a line that does not end', () => {
    const scanner = createFrameScanner();
    const megabyte = Buffer.alloc(1024 * 1024, 'x');
    expect([1, 2, 3, 4, 5].map(() => scanner.read(megabyte))).toEqual([true, true, true, true, false]);
  });
});

describe('calls of tools', () => {
  it('are put together of their pieces', () => {
    const deltas: Value[] = [
      { tool_calls: [{ index: 0, id: 'a', function: { name: 'search', arguments: '' } }] },
      { tool_calls: [{ index: 1, id: 'b', function: { name: 'now', arguments: '{' } }] },
      { tool_calls: [{ index: 0, function: { arguments: '{"query":' } }] },
      {
        tool_calls: [
          { index: 0, function: { arguments: '"é"}' } },
          { index: 1, function: { arguments: '}' } },
        ],
      },
      { tool_calls: null },
    ];
    const lines = deltas.map((delta) => `data: ${JSON.stringify({ choices: [{ delta }] })}\n\n`);
    fc.assert(
      fc.property(places, (cuts) => {
        const frames = createChatFrames();
        for (const chunk of cut(Buffer.from(lines.join('')), cuts)) expect(frames.textsIn(chunk)).toEqual([]);
        expect(frames.toolCalls()).toEqual([
          { id: 'a', name: 'search', arguments: '{"query":"é"}' },
          { id: 'b', name: 'now', arguments: '{}' },
        ]);
      }),
    );
  });
});
