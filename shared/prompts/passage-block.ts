import type { Passage } from '../knowledge/passage.ts';
import { readableText } from '../knowledge/passages-to-read.ts';
import { escapeAttribute, escapeText } from './escape-markup.ts';

/** A passage, with what surrounds it, as escaped data that cannot close its own element. */
export function passageBlock(
  passage: Pick<Passage, 'documentName' | 'headingPath' | 'text' | 'tableHeader' | 'surroundings'>,
  number: number,
): string {
  const title = escapeAttribute(passage.documentName);
  const section = escapeAttribute(passage.headingPath.join(' > '));
  return `<passage id="${number}" title="${title}" section="${section}">\n${escapeText(readableText(passage))}\n</passage>`;
}
