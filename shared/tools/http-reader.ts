import type { UrlCheck } from './allowed-hosts.ts';

export interface ReadPage {
  readonly status: number;
  readonly mediaType: string;
  readonly text: string;
  /** The page is longer than what was read. */
  readonly isCut: boolean;
}

/**
 * Reads a page of text from outside. Every address is checked when it is connected to, every redirect is checked as the
 * first URL was.
 * @throws AppError `forbidden` for a URL that is not allowed or an address that is not public, `unprocessable` for what is
 * no text, `upstream_failed`, `upstream_timeout`.
 */
export type HttpReader = (url: URL, isAllowed: UrlCheck, signal: AbortSignal) => Promise<ReadPage>;
