import type { TenantId } from '../../contracts/identifiers.ts';
import type { ChunkPoint } from '../../knowledge/vector-store.ts';
import { notLaterThan } from './filters.ts';
import { type Payload, toPayload } from './payload.ts';
import type { QdrantCall } from './qdrant-client.ts';

const MAX_POINTS_PER_REQUEST = 128;
/** Qdrant takes 32 MB, a proxy before it perhaps less. */
const MAX_BYTES_PER_REQUEST = 16 * 1024 * 1024;
/** The longest number in JSON, with its comma. */
const BYTES_PER_NUMBER = 26;

/** A chunk as a request carries it. */
interface ChunkStruct {
  readonly id: string;
  readonly vector: { dense: number[]; text?: { indices: number[]; values: number[] } };
  readonly payload: Payload;
}

/** Stores points in as few requests as their number and size allow; those that are live are left as they are. */
export async function insert(
  call: QdrantCall,
  collection: string,
  tenantId: TenantId,
  points: readonly ChunkPoint[],
): Promise<void> {
  for (const [revision, ofRevision] of Map.groupBy(points, (point) => point.revision)) {
    // A message that is delivered again must hide nothing that is live by now, and bring back no access of before.
    const update_filter = { must: [{ key: 'live', match: { value: false } }, notLaterThan(revision)] };
    for (const part of inParts(ofRevision.map((point) => toPoint(tenantId, point)))) {
      await call((client) => client.upsert(collection, { points: part, update_filter, wait: true }));
    }
  }
}

function inParts(points: readonly ChunkStruct[]): ChunkStruct[][] {
  const parts: ChunkStruct[][] = [];
  let part: ChunkStruct[] = [];
  let bytes = 0;
  for (const point of points) {
    const size = bytesOf(point);
    if (part.length === MAX_POINTS_PER_REQUEST || (part.length > 0 && bytes + size > MAX_BYTES_PER_REQUEST)) {
      parts.push(part);
      part = [];
      bytes = 0;
    }
    part.push(point);
    bytes += size;
  }
  return part.length > 0 ? [...parts, part] : parts;
}

/** At most so many bytes of JSON: exactly for what is text, and as if every number were as long as can be. */
function bytesOf({ payload, vector: { dense, text } }: ChunkStruct): number {
  const numbers = dense.length + 2 * (text?.indices.length ?? 0);
  return Buffer.byteLength(JSON.stringify(payload)) + numbers * BYTES_PER_NUMBER;
}

function toPoint(tenantId: TenantId, point: ChunkPoint): ChunkStruct {
  const { id, dense, sparse } = point;
  const text = sparse.indices.length > 0 && { indices: [...sparse.indices], values: [...sparse.values] };
  return { id, vector: { dense: Array.from(dense), ...(text && { text }) }, payload: toPayload(tenantId, point) };
}
