import type { Passage } from '../knowledge/retrieval.ts';
import { escapeAttribute, escapeText } from './escape-markup.ts';

/** A passage as escaped data that cannot close its own element. */
export function passageBlock(passage: Pick<Passage, 'documentName' | 'headingPath' | 'text'>, number: number): string {
  const title = escapeAttribute(passage.documentName);
  const section = escapeAttribute(passage.headingPath.join(' > '));
  return `<passage id="${number}" title="${title}" section="${section}">\n${escapeText(passage.text)}\n</passage>`;
}
