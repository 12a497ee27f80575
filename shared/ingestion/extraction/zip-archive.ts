import { inflateRawSync } from 'node:zlib';
import { ExtractionError } from './extraction-error.ts';

export interface ZipArchive {
  readonly names: readonly string[];
  readonly has: (name: string) => boolean;
  /** Inflates one member. Throws `damaged`, `encrypted`, or `too-large` once the archive's budget is spent. */
  readonly read: (name: string) => Uint8Array;
}

interface ZipMember {
  readonly method: number;
  readonly encrypted: boolean;
  readonly compressedSize: number;
  readonly headerOffset: number;
}

const END_RECORD = 0x06054b50;
const CENTRAL_HEADER = 0x02014b50;
const LOCAL_HEADER = 0x04034b50;
const END_RECORD_BYTES = 22;
const CENTRAL_HEADER_BYTES = 46;
const LOCAL_HEADER_BYTES = 30;
const LONGEST_COMMENT = 0xffff;
const MAX_MEMBERS = 10_000;
const STORED = 0;
const DEFLATED = 8;

/**
 * Opens a ZIP archive so that what comes out is counted: the declared sizes are never believed, and a member is inflated
 * only when it is read. Member layout: PKWARE APPNOTE 4.3.
 */
export function openZipArchive(bytes: Uint8Array, maxDecompressedBytes: number): ZipArchive {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const members = readMembers(buffer);
  const contents = new Map<string, Uint8Array>();
  let budget = maxDecompressedBytes;
  return {
    names: [...members.keys()],
    has: (name) => members.has(name),
    read: (name) => {
      const known = contents.get(name);
      if (known) return known;
      const member = members.get(name);
      if (!member) throw new ExtractionError('damaged');
      const content = inflate(buffer, member, budget);
      budget -= content.byteLength;
      contents.set(name, content);
      return content;
    },
  };
}

function readMembers(buffer: Buffer): Map<string, ZipMember> {
  try {
    const end = findEndRecord(buffer);
    const count = Math.min(buffer.readUInt16LE(end + 10), MAX_MEMBERS);
    const members = new Map<string, ZipMember>();
    let offset = buffer.readUInt32LE(end + 16);
    for (let index = 0; index < count; index += 1) {
      if (buffer.readUInt32LE(offset) !== CENTRAL_HEADER) throw new ExtractionError('damaged');
      const nameEnd = offset + CENTRAL_HEADER_BYTES + buffer.readUInt16LE(offset + 28);
      const name = buffer.toString('utf8', offset + CENTRAL_HEADER_BYTES, nameEnd).replaceAll('\\', '/');
      members.set(name, {
        encrypted: (buffer.readUInt16LE(offset + 8) & 1) === 1,
        method: buffer.readUInt16LE(offset + 10),
        compressedSize: buffer.readUInt32LE(offset + 20),
        headerOffset: buffer.readUInt32LE(offset + 42),
      });
      offset = nameEnd + buffer.readUInt16LE(offset + 30) + buffer.readUInt16LE(offset + 32);
    }
    return members;
  } catch (cause) {
    throw new ExtractionError('damaged', { cause });
  }
}

function findEndRecord(buffer: Buffer): number {
  const lowest = Math.max(0, buffer.length - END_RECORD_BYTES - LONGEST_COMMENT);
  for (let offset = buffer.length - END_RECORD_BYTES; offset >= lowest; offset -= 1) {
    if (buffer.readUInt32LE(offset) === END_RECORD) return offset;
  }
  throw new ExtractionError('damaged');
}

function inflate(buffer: Buffer, member: ZipMember, budget: number): Uint8Array {
  if (member.encrypted) throw new ExtractionError('encrypted');
  const data = compressedData(buffer, member);
  if (member.method === STORED) {
    if (data.byteLength > budget) throw new ExtractionError('too-large');
    return data;
  }
  if (member.method !== DEFLATED) throw new ExtractionError('damaged');
  if (budget <= 0) throw new ExtractionError('too-large');
  try {
    return inflateRawSync(data, { maxOutputLength: budget });
  } catch (cause) {
    const overflown = cause instanceof Error && 'code' in cause && cause.code === 'ERR_BUFFER_TOO_LARGE';
    throw new ExtractionError(overflown ? 'too-large' : 'damaged', { cause });
  }
}

function compressedData(buffer: Buffer, { headerOffset, compressedSize }: ZipMember): Buffer {
  const complete = headerOffset + LOCAL_HEADER_BYTES <= buffer.length;
  if (!complete || buffer.readUInt32LE(headerOffset) !== LOCAL_HEADER) throw new ExtractionError('damaged');
  const nameAndExtra = buffer.readUInt16LE(headerOffset + 26) + buffer.readUInt16LE(headerOffset + 28);
  const start = headerOffset + LOCAL_HEADER_BYTES + nameAndExtra;
  if (start + compressedSize > buffer.length) throw new ExtractionError('damaged');
  return buffer.subarray(start, start + compressedSize);
}
