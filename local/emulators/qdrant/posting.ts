/** The points that have one sparse dimension, in the order of their slots, and its value in each. */
export interface Posting {
  readonly slots: number[];
  readonly values: number[];
}

/** Adds a slot that is not in the posting yet. */
export function addToPosting({ slots, values }: Posting, slot: number, value: number): void {
  const position = positionOf(slots, slot);
  if (position === slots.length) {
    slots.push(slot);
    values.push(value);
  } else {
    slots.splice(position, 0, slot);
    values.splice(position, 0, value);
  }
}

/** Removes a slot that is in the posting. */
export function removeFromPosting({ slots, values }: Posting, slot: number): void {
  const position = positionOf(slots, slot);
  if (slots[position] !== slot) return;
  slots.splice(position, 1);
  values.splice(position, 1);
}

/** Where a slot is, or belongs. New points get rising slots, so the end is looked at first. */
function positionOf(slots: readonly number[], slot: number): number {
  let low = 0;
  let high = slots.length;
  if (slot > (slots[high - 1] ?? -1)) return high;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((slots[middle] as number) < slot) low = middle + 1;
    else high = middle;
  }
  return low;
}
