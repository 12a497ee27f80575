import fc from 'fast-check';
import { expect, it } from 'vitest';
import { AppError } from '../../../shared/errors.ts';
import { forwardStream } from '../../../shared/openai/forward-stream.ts';

const DELTA = 'data: {"choices":[{"index":0,"delta":{"content":"wörd"}}],"usage":null}\n\n';
const TEXT_THAT_LOOKS_LIKE_USAGE = `data: ${JSON.stringify({ choices: [{ delta: { content: '"usage":{}' } }] })}\n\n`;
const FILTER_RESULTS = 'data: {"choices":[],"prompt_filter_results":[]}\n\n';
const USAGE = 'data: {"choices":[],"usage":{"prompt_tokens":1}}\n\n';
const SPACED_USAGE = 'data: {"choices": [], "usage": {"prompt_tokens": 1}}\n\n';
const USAGE_WITH_CHOICE = 'data: {"choices":[{"index":0,"delta":{}}],"usage":{"prompt_tokens":1}}\n\n';
const COMMENT = ': keep-alive\n\n';
const DONE = 'data: [DONE]\n\n';
const closed = Promise.resolve();

async function* pieces(bytes: Uint8Array, cuts: readonly number[]): AsyncGenerator<Uint8Array> {
  const borders = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  for (const [place, border] of borders.entries()) {
    const next = borders[place + 1];
    if (next !== undefined && next > border) yield bytes.subarray(border, next);
  }
}

async function read(stream: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts).toString();
}

const frames = fc.array(
  fc.constantFrom(DELTA, TEXT_THAT_LOOKS_LIKE_USAGE, FILTER_RESULTS, USAGE, SPACED_USAGE, USAGE_WITH_CHOICE, COMMENT),
  { maxLength: 12 },
);
const cuts = fc.array(fc.nat(), { maxLength: 20 });
const lineEnds = fc.constantFrom('\n', '\r\n');

it('passes every byte on, wherever the stream is cut', async () => {
  await fc.assert(
    fc.asyncProperty(frames, cuts, lineEnds, async (some, where, lineEnd) => {
      const sent = [...some, DONE].join('').replaceAll('\n', lineEnd);
      const body = pieces(Buffer.from(sent), where);
      expect(await read(forwardStream({ body, closed, includeUsage: true }))).toBe(sent);
    }),
  );
});

it('takes out the frames that tell only the usage, and nothing else, wherever the stream is cut', async () => {
  await fc.assert(
    fc.asyncProperty(frames, cuts, lineEnds, async (some, where, lineEnd) => {
      const withEnds = (all: readonly string[]) => [...all, DONE].join('').replaceAll('\n', lineEnd);
      const kept = some.filter((frame) => frame !== USAGE && frame !== SPACED_USAGE);
      const body = pieces(Buffer.from(withEnds(some)), where);
      expect(await read(forwardStream({ body, closed, includeUsage: false }))).toBe(withEnds(kept));
    }),
  );
});

it('passes a frame without end on in bounded memory', async () => {
  const endless = Buffer.alloc(70_000, 'x');
  const stream = forwardStream({ body: pieces(endless, []), closed, includeUsage: false });

  expect((await stream.next()).value?.length).toBe(endless.length);
});

it.each([true, false])('does not say that it is done before the call is closed (usage: %s)', async (includeUsage) => {
  const close = Promise.withResolvers<void>();
  const stream = forwardStream({ body: pieces(Buffer.from(DELTA + DONE), []), closed: close.promise, includeUsage });
  const first = Buffer.from((await stream.next()).value ?? []).toString();
  let isOver = false;
  const rest = read(stream).finally(() => {
    isOver = true;
  });
  await new Promise(setImmediate);

  expect(first).not.toContain('[DONE]\n\n');
  expect(isOver).toBe(false);
  close.resolve();
  expect(first + (await rest)).toBe(DELTA + DONE);
});

it('tells a failure in the middle as an error event, and ends', async () => {
  async function* failing(): AsyncGenerator<Uint8Array> {
    yield Buffer.from(DELTA);
    throw new AppError('upstream_timeout', 'The model fell silent. Try again.');
  }
  const [, told = ''] = (await read(forwardStream({ body: failing(), closed, includeUsage: false }))).split(DELTA);

  expect(JSON.parse(told.replace('data: ', ''))).toEqual({
    error: {
      message: 'The model fell silent. Try again.',
      type: 'server_error',
      code: 'upstream_timeout',
      param: null,
    },
  });
});

it('ends the stream of the model when its reader leaves', async () => {
  let isEnded = false;
  async function* endless(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) yield Buffer.from(DELTA);
    } finally {
      isEnded = true;
    }
  }
  for await (const _ of forwardStream({ body: endless(), closed, includeUsage: true })) break;

  expect(isEnded).toBe(true);
});
