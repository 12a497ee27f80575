import type { Readable } from 'node:stream';
import type { Disposition } from '../contracts/documents.ts';

/** The containers of the storage account. */
export type Container = 'documents' | 'drop';

export interface BlobInfo {
  readonly etag: string;
  /** Bytes. */
  readonly size: number;
  readonly contentType: string | null;
}

/** Files. Names are made by us; what a user typed never becomes one. */
export interface BlobStore {
  /** Streams a file in. @throws AppError `payload_too_large` when more than `maxBytes` come; nothing is left behind then. */
  upload(container: Container, name: string, content: Readable, maxBytes: number): Promise<BlobInfo>;
  write(container: Container, name: string, content: Uint8Array, contentType: string): Promise<void>;
  /** At most `maxBytes` from a byte on, nothing past the end, and how many there are in all. null when there is no such blob. */
  readRange(
    container: Container,
    name: string,
    from: number,
    maxBytes: number,
  ): Promise<{ readonly content: Buffer; readonly size: number } | null>;
  writeJson(container: Container, name: string, value: unknown): Promise<void>;
  /** null when there is no such blob. */
  readJson(container: Container, name: string): Promise<unknown>;
  /** @throws AppError `not_found`, or `payload_too_large` before anything is downloaded. */
  download(container: Container, name: string, maxBytes: number): Promise<Buffer>;
  info(container: Container, name: string): Promise<BlobInfo | null>;
  /** Copies within the account, only if the source still has that etag. @throws AppError `precondition_failed` otherwise. */
  copy(
    from: { container: Container; name: string; etag: string },
    to: { container: Container; name: string },
  ): Promise<void>;
  /** Removes every blob whose name starts so. Returns how many there were. */
  removePrefix(container: Container, prefix: string): Promise<number>;
  /** With an etag, only if the blob still has it. */
  remove(container: Container, name: string, etag?: string): Promise<void>;
  /** A page of blobs whose names start so, in the order of their names. */
  list(container: Container, prefix: string, page: ListPage): Promise<ListedPage<ListedBlob>>;
  /** A page of the folders right below a prefix that ends in a slash; their names end in one as well. */
  listFolders(container: Container, prefix: string, page: ListPage): Promise<ListedPage<string>>;
  /** A link that lets its holder read one blob for a while, shown or saved under the given file name. */
  readLink(container: Container, name: string, options: ReadLinkOptions): Promise<string>;
  /** A link that lets its holder write one blob for a while. */
  writeLink(container: Container, name: string, options: LinkOptions): Promise<string>;
}

export interface ListedBlob extends BlobInfo {
  readonly name: string;
  readonly modifiedAt: Date;
}

export interface ListPage {
  readonly limit: number;
  /** Where the page before ended; left out, at the start. */
  readonly continuation?: string | undefined;
}

export interface ListedPage<T> {
  readonly items: readonly T[];
  /** undefined on the last page. */
  readonly continuation: string | undefined;
}

export interface LinkOptions {
  readonly expiresAt: Date;
}

export interface ReadLinkOptions extends LinkOptions {
  readonly downloadName: string;
  readonly contentType: string;
  readonly disposition: Disposition;
}
