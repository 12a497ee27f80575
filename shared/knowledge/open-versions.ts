import type { StoredDocument } from './document-repository.ts';

type Facts = Pick<StoredDocument, 'liveVersion' | 'screened'>;

/** Up to which version readers and models may see text and file: what has not come through screening may be held. 0: none. */
export const highestOpenVersion = ({ liveVersion, screened }: Facts) => Math.max(liveVersion ?? 0, screened ?? 0);

/** The version that is read when none is named: the one that answers, or the newest that may be seen; null: none. */
export const openVersion = ({ liveVersion, screened }: Facts) => liveVersion ?? screened ?? null;
