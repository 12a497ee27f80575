import { AppError } from '../errors.ts';

const MAX_LINE_CHARACTERS = 1_048_576;
const DATA = 'data:';

/** The data of each server-sent event, one line each, which is all that models send. Passes over comments and names. */
export async function* readFrames(body: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const bytes of body) {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > MAX_LINE_CHARACTERS) throw new AppError('upstream_failed', 'The answer of the model has no end.');
    for (const line of lines) {
      if (line.startsWith(DATA)) yield line.slice(DATA.length).trim();
    }
  }
  if (rest.startsWith(DATA)) yield rest.slice(DATA.length).trim();
}
