/** Of a stream of server-sent events, takes out the frames that tell nothing but the usage. */
export interface UsageFrameFilter {
  /** What of the bytes so far may go on: whole frames, untouched but for those that are taken out. */
  push(bytes: Uint8Array): Uint8Array;
  /** What is left when the stream has ended. */
  rest(): Uint8Array;
}

const NOTHING = Buffer.alloc(0);
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
/**
 * A usage that is not null, as it is in every other frame. In a text the quote is escaped, so that it is never taken for
 * this. It begins without its quote, as JSON is full of quotes and a search would halt at each of them.
 */
const USAGE = /usage"\s*:\s*\{/g;
/** A frame that is longer passes in pieces: it holds something else than usage. */
const LONGEST_HELD_BYTES = 65_536;

/** Looks at bytes and parses only the frame that it takes out, so that a token costs one search. */
export function createUsageFrameFilter(): UsageFrameFilter {
  let held: Buffer = NOTHING;
  return {
    push(bytes) {
      const all = held.length > 0 ? Buffer.concat([held, bytes]) : asBuffer(bytes);
      const end = endOfLastFrame(all);
      if (all.length - end > LONGEST_HELD_BYTES) {
        held = NOTHING;
        return all;
      }
      held = end === all.length ? NOTHING : all.subarray(end);
      const whole = end === all.length ? all : all.subarray(0, end);
      // A character for each byte: to search a string is several times faster than to search a buffer.
      const text = whole.toString('latin1');
      return text.search(USAGE) === -1 ? whole : withoutUsage(whole, text);
    },
    rest: () => held,
  };
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** One past the last blank line; 0 when there is none. */
function endOfLastFrame(bytes: Buffer): number {
  if (endsFrame(bytes, bytes.length)) return bytes.length;
  for (let end = bytes.lastIndexOf(LINE_FEED) + 1; end > 1; end = bytes.lastIndexOf(LINE_FEED, end - 2) + 1) {
    if (endsFrame(bytes, end)) return end;
  }
  return 0;
}

function endsFrame(bytes: Buffer, end: number): boolean {
  if (bytes[end - 1] !== LINE_FEED) return false;
  return bytes[end - 2] === LINE_FEED || (bytes[end - 2] === CARRIAGE_RETURN && bytes[end - 3] === LINE_FEED);
}

function withoutUsage(frames: Buffer, text: string): Uint8Array {
  const kept: Buffer[] = [];
  let done = 0;
  for (const { index } of text.matchAll(USAGE)) {
    if (index < done) continue;
    const start = endOfLastFrame(frames.subarray(done, index)) + done;
    const end = endOfFrame(frames, index);
    if (tellsOnlyUsage(frames.subarray(start, end))) kept.push(frames.subarray(done, start));
    else kept.push(frames.subarray(done, end));
    done = end;
  }
  return Buffer.concat([...kept, frames.subarray(done)]);
}

function endOfFrame(frames: Buffer, start: number): number {
  for (let end = frames.indexOf(LINE_FEED, start) + 1; end > 0; end = frames.indexOf(LINE_FEED, end) + 1) {
    if (endsFrame(frames, end)) return end;
  }
  return frames.length;
}

function tellsOnlyUsage(frame: Buffer): boolean {
  try {
    const data = JSON.parse(frame.toString().replace(/^data:/, '')) as { choices?: unknown; usage?: unknown };
    return Array.isArray(data.choices) && data.choices.length === 0 && typeof data.usage === 'object';
  } catch {
    // Not one line of JSON: some other kind of event, which is not ours to take out.
    return false;
  }
}
