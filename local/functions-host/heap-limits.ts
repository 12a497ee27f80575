import { setFlagsFromString } from 'node:v8';

const OLD_MEGABYTES = '--max-old-space-size';
const SEMI_SPACE_MEGABYTES = '--max-semi-space-size';

/**
 * What the process is started with. By itself V8 sizes the heap by the machine, and on a large one keeps hundreds of
 * megabytes of garbage; the app has less than a hundred alive while it takes in documents.
 */
export const HEAP_FLAGS = [`${OLD_MEGABYTES}=1024`, `${SEMI_SPACE_MEGABYTES}=8`];

/** The heap of the process keeps its limits; threads get those that the app gives them, over which the flags would win. */
export function endHeapFlags(): void {
  for (const flag of [OLD_MEGABYTES, SEMI_SPACE_MEGABYTES]) setFlagsFromString(`${flag}=0`);
}
