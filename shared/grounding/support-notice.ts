import type { AnswerSupport } from '../contracts/citations.ts';

const NOTICE = '\n\nNote: The documents do not say this. Check it before you rely on it.';

/**
 * What is added to the end of an answer from documents that none of them supports; null when there is nothing to add.
 * The text before has been read by then, so it is marked and not taken back.
 */
export function supportNotice({ status }: AnswerSupport): string | null {
  return status === 'unsupported' || status === 'nothing-cited' ? NOTICE : null;
}
