/** The batches of chunks of a version, and which of them are in the vector store. */
export interface Batches {
  readonly total: number;
  /** A bit for each that is done, as base64: each batch writes this with the whole record, so it has to stay small. */
  readonly doneBits?: string;
  /** The numbers of those that are done, in records of earlier releases. */
  readonly done?: readonly number[];
}

const BITS = 8;

export function isBatchDone(batches: Batches, batch: number): boolean {
  return ((bytesOf(batches)[Math.floor(batch / BITS)] ?? 0) & bitOf(batch)) !== 0;
}

export function withBatchDone(batches: Batches, batch: number): Batches {
  const bytes = bytesOf(batches);
  mark(bytes, batch);
  return { total: batches.total, doneBits: bytes.toString('base64') };
}

export function countBatchesDone(batches: Batches): number {
  let count = 0;
  for (const byte of bytesOf(batches)) for (let bits = byte; bits > 0; bits &= bits - 1) count += 1;
  return count;
}

const bitOf = (batch: number) => 1 << (batch % BITS);

function bytesOf({ total, doneBits = '', done = [] }: Batches): Buffer {
  const bytes = Buffer.alloc(Math.ceil(total / BITS));
  bytes.write(doneBits, 'base64');
  for (const batch of done) mark(bytes, batch);
  return bytes;
}

function mark(bytes: Buffer, batch: number): void {
  const place = Math.floor(batch / BITS);
  bytes[place] = (bytes[place] ?? 0) | bitOf(batch);
}
