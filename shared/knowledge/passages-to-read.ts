import type { Passage } from './passage.ts';

type Readable = Pick<Passage, 'text'> & Partial<Pick<Passage, 'tableHeader' | 'surroundings'>>;
type Placed = Readable & Pick<Passage, 'documentId' | 'version' | 'start' | 'end'>;

/** What a model gets to read of a passage: its surroundings if it has any, with the header of the table that it goes on with. */
export function readableText({ text, tableHeader, surroundings }: Readable): string {
  const read = surroundings?.text ?? text;
  return tableHeader && !read.includes(tableHeader) ? `${tableHeader}\n${read}` : read;
}

/** Whether a passage stands in what is read of another one. */
function isReadWith(other: Placed, { documentId, version, start, end }: Placed): boolean {
  const { surroundings } = other;
  if (!surroundings || other.documentId !== documentId || other.version !== version) return false;
  return surroundings.start <= start && end <= surroundings.end;
}

/** What may be read, without its surroundings unless there is room for them. */
interface Fitting<T> {
  readonly passage: T;
  readonly alone: T;
  /** Of it alone. */
  readonly size: number;
  readonly number: number;
}

export interface PassagesToRead<T> {
  /** One whose surroundings do not fit is without them, so that this is what is read. */
  readonly chosen: T[];
  readonly roomLeft: number;
  /** None was left out for want of room. */
  readonly areAllRead: boolean;
}

/**
 * Chooses what to read, best first, within `room`: as many passages as fit by their own text, then as many of their
 * surroundings as fit besides, and none that stands in the surroundings of a better one.
 * @param sizeOf what a passage takes of the room, as the n-th
 */
export function passagesToRead<T extends Placed>(
  passages: readonly T[],
  room: number,
  sizeOf: (passage: T, number: number) => number,
): PassagesToRead<T> {
  const { fitting, roomLeft } = fittingAlone(passages, room, sizeOf);
  const chosen: T[] = [];
  let left = roomLeft;
  for (const { passage, alone, size, number } of fitting) {
    if (chosen.some((better) => isReadWith(better, passage))) {
      left += size;
      continue;
    }
    const more = passage.surroundings ? sizeOf(passage, number) - size : 0;
    const isRoomFor = more <= left;
    chosen.push(isRoomFor ? passage : alone);
    if (isRoomFor) left -= more;
  }
  return { chosen, roomLeft: left, areAllRead: fitting.length === passages.length };
}

function fittingAlone<T extends Placed>(
  passages: readonly T[],
  room: number,
  sizeOf: (passage: T, number: number) => number,
): { readonly fitting: Fitting<T>[]; readonly roomLeft: number } {
  const fitting: Fitting<T>[] = [];
  let roomLeft = room;
  for (const [index, passage] of passages.entries()) {
    const number = index + 1;
    const alone = passage.surroundings ? { ...passage, surroundings: null } : passage;
    const size = sizeOf(alone, number);
    if (size > roomLeft) break;
    roomLeft -= size;
    fitting.push({ passage, alone, size, number });
  }
  return { fitting, roomLeft };
}
