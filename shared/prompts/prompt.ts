/** Instructions for a model. Another text is another version: a test holds each version to what it was. */
export interface Prompt {
  readonly id: string;
  readonly version: number;
  readonly text: string;
}

/** Such as `grounded@1`, for traces, answers and the cache. */
export const versionOf = ({ id, version }: Prompt): string => `${id}@${version}`;
