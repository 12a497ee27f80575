const MARKER = /\[(\d{1,3})\]/g;
const UNFINISHED_MARKER = /\[\d{0,3}$/;

/** Finds the numbers of `[n]` markers in a text that comes in pieces, each number once, when its marker is complete. */
export function createMarkerReader(): (piece: string) => number[] {
  const seen = new Set<number>();
  let rest = '';
  return (piece) => {
    const text = rest + piece;
    rest = UNFINISHED_MARKER.exec(text)?.[0] ?? '';
    const found: number[] = [];
    for (const match of text.matchAll(MARKER)) {
      const number = Number(match[1]);
      if (seen.has(number)) continue;
      seen.add(number);
      found.push(number);
    }
    return found;
  };
}
