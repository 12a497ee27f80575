import { parentPort } from 'node:worker_threads';
import { extractDocument } from './extract-document.ts';
import type { ExtractedDocument } from './extracted-document.ts';
import { ExtractionError, type ExtractionErrorCode } from './extraction-error.ts';
import type { ParsingLimits } from './extraction-limits.ts';

export interface ExtractionRequest {
  readonly bytes: Uint8Array;
  readonly fileName: string;
  readonly declaredMediaType: string | undefined;
  readonly limits: ParsingLimits;
}

export type ExtractionReply =
  | { readonly document: ExtractedDocument }
  | { readonly failure: { readonly code: ExtractionErrorCode; readonly message: string; readonly detail: string } };

parentPort?.on('message', async ({ bytes, ...options }: ExtractionRequest) => {
  parentPort?.postMessage(await extract(bytes, options));
});

async function extract(bytes: Uint8Array, options: Omit<ExtractionRequest, 'bytes'>): Promise<ExtractionReply> {
  try {
    return { document: await extractDocument(bytes, options) };
  } catch (cause) {
    // What no parser foresaw is a fault of the file too: the parsers are pure functions of it.
    const error = cause instanceof ExtractionError ? cause : new ExtractionError('damaged', { cause });
    return { failure: { code: error.code, message: error.message, detail: String(error.cause ?? '') } };
  }
}
