import { linkSuffix } from '../link-text.ts';
import type { PdfTextItem } from './pdf-fragments.ts';

/** A link of a page: its URL, and where it can be clicked in points, y upwards. */
export interface PdfLink {
  readonly url: string;
  readonly rectangle: readonly number[];
}

interface Cover {
  readonly index: number;
  readonly from: number;
  readonly to: number;
}

const MAX_LINKS_PER_PAGE = 500;
const NARROW = /[\sijlfrtI1.,:;'"!|()[\]-]/;
const NARROW_WIDTH = 0.5;

/** Writes the URL of each link after the words that it covers; one that covers none is left out. */
export function withLinks(items: readonly PdfTextItem[], links: readonly PdfLink[]): PdfTextItem[] {
  const marked = [...items];
  const insertions: Array<{ readonly index: number; readonly at: number; readonly suffix: string }> = [];
  for (const group of groups(links.slice(0, MAX_LINKS_PER_PAGE))) {
    const covers = group.flatMap(({ rectangle }) => coversOf(items, rectangle));
    const last = covers.at(-1);
    const text = covers.map(({ index, from, to }) => items[index]?.str.slice(from, to)).join(' ');
    const suffix = linkSuffix(text, group[0]?.url);
    if (last && suffix !== '') insertions.push({ index: last.index, at: last.to, suffix });
  }
  // From the end, so that places in the same item stay right.
  for (const { index, at, suffix } of insertions.sort((one, other) => other.at - one.at)) {
    const item = marked[index];
    if (item) marked[index] = { ...item, str: item.str.slice(0, at) + suffix + item.str.slice(at) };
  }
  return marked;
}

/** A link that goes over a line's end has a rectangle for each line. */
function groups(links: readonly PdfLink[]): PdfLink[][] {
  const result: PdfLink[][] = [];
  for (const link of links) {
    const previous = result.at(-1);
    if (previous?.[0]?.url === link.url) previous.push(link);
    else result.push([link]);
  }
  return result;
}

function coversOf(items: readonly PdfTextItem[], [x0 = 0, y0 = 0, x1 = 0, y1 = 0]: readonly number[]): Cover[] {
  return items.flatMap(({ str, transform, width }, index) => {
    const [, turn = 0, , , left = 0, baseline = 0] = transform;
    const isBeside = baseline < Math.min(y0, y1) || baseline > Math.max(y0, y1);
    if (turn !== 0 || width <= 0 || str.trim() === '' || isBeside) return [];
    const words = wordsIn(str, left, width);
    const covered = words.filter(({ middle }) => middle >= Math.min(x0, x1) && middle <= Math.max(x0, x1));
    const [first, last] = [covered[0], covered.at(-1)];
    return first && last ? [{ index, from: first.from, to: last.to }] : [];
  });
}

/** The words of an item, and about where their middles lie: how wide each letter is, is not known. */
function wordsIn(text: string, left: number, width: number) {
  const places = [0];
  for (const letter of text) {
    const end = (places.at(-1) ?? 0) + (NARROW.test(letter) ? NARROW_WIDTH : 1);
    for (let unit = 0; unit < letter.length; unit += 1) places.push(end);
  }
  const scale = width / (places.at(-1) || 1);
  return [...text.matchAll(/\S+/g)].map((word) => {
    const [from, to] = [word.index, word.index + word[0].length];
    return { from, to, middle: left + (((places[from] ?? 0) + (places[to] ?? 0)) / 2) * scale };
  });
}
