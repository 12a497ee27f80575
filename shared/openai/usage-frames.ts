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
const BLANK = 0x20;
const OPENING_BRACE = 0x7b;
/** In a text the quotes are escaped, so that it is never taken for this. */
const USAGE = Buffer.from('"usage":');
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
      return mayTellUsage(whole) ? withoutUsage(whole) : whole;
    },
    rest: () => held,
  };
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Whether there is a usage that is not null, as it is in every other frame. */
function mayTellUsage(bytes: Buffer): boolean {
  for (let at = bytes.indexOf(USAGE); at >= 0; at = bytes.indexOf(USAGE, at + USAGE.length)) {
    const value = at + USAGE.length;
    if (bytes[bytes[value] === BLANK ? value + 1 : value] === OPENING_BRACE) return true;
  }
  return false;
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

function withoutUsage(frames: Buffer): Uint8Array {
  const kept: Buffer[] = [];
  for (let start = 0; start < frames.length; ) {
    const end = endOfFrame(frames, start);
    const frame = frames.subarray(start, end);
    if (!mayTellUsage(frame) || !tellsOnlyUsage(frame)) kept.push(frame);
    start = end;
  }
  return Buffer.concat(kept);
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
