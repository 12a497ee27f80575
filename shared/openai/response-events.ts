import type { AnswerEvent } from './answer-event.ts';
import { asAppError } from './forward-stream.ts';
import { openAiError } from './openai-error.ts';
import type { ResponseEvent } from './response-output.ts';
import type { ResponseWriter } from './response-writer.ts';

/** The server-sent events of a response, numbered from 0. A failure in the middle is an `error` event, which ends them. */
export async function* responseEvents(
  writer: ResponseWriter,
  events: AsyncIterable<AnswerEvent>,
): AsyncGenerator<Uint8Array> {
  let next = 0;
  const encode = (told: readonly ResponseEvent[]) => {
    const frames = told.map((event) => frame({ ...event, sequence_number: next++ }));
    return Buffer.from(frames.join(''));
  };
  try {
    yield encode(writer.begin());
    for await (const event of events) {
      const told = writer.write(event);
      if (told.length > 0) yield encode(told);
    }
  } catch (error) {
    const { error: said } = openAiError(asAppError(error));
    yield encode([{ ...said, type: 'error', error: said }]);
  }
}

const frame = (event: ResponseEvent) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
