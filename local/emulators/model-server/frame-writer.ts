import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { setImmediate as nextTurn } from 'node:timers/promises';

/** Writes server-sent events, no faster than the client reads them. */
export interface FrameWriter {
  send(frame: object): Promise<void>;
  /** Writes bytes that are no frame, such as a comment. */
  sendRaw(text: string): Promise<void>;
}

/** With `splitCharacters` every character of several bytes is torn between two writes. */
export function createFrameWriter(
  response: ServerResponse,
  signal: AbortSignal,
  splitCharacters: boolean,
): FrameWriter {
  async function write(bytes: Uint8Array | string): Promise<void> {
    signal.throwIfAborted();
    if (!response.write(bytes)) await once(response, 'drain', { signal });
  }

  async function writeTorn(text: string): Promise<void> {
    const bytes = Buffer.from(text);
    let start = 0;
    for (const [index, byte] of bytes.entries()) {
      if (byte < 0xc0) continue;
      await write(bytes.subarray(start, index + 1));
      start = index + 1;
      await nextTurn();
    }
    await write(bytes.subarray(start));
  }

  const sendRaw = splitCharacters ? writeTorn : write;
  return { sendRaw, send: (frame) => sendRaw(`data: ${JSON.stringify(frame)}\n\n`) };
}
