import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';
import { AppError } from '../../errors.ts';
import type { RecognitionConfig } from '../../settings/recognition-settings.ts';
import { azureTokenProvider } from '../azure-credential.ts';
import { lazily } from '../lazily.ts';

export const API_VERSION = '2024-11-30';

export interface ServiceAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Uint8Array;
}

export interface ServiceRequest {
  /** With its query string; below the endpoint. */
  readonly path: string;
  readonly body?: Uint8Array;
  readonly signal?: AbortSignal;
}

/** Sends one request. @throws AppError `dependency_unavailable` when there is no answer, or one that is too long */
export type ServiceCall = (request: ServiceRequest) => Promise<ServiceAnswer>;

const SCOPE = 'https://cognitiveservices.azure.com/.default';
const CONNECT_MILLISECONDS = 5_000;
/** A file of 50 MB must have gone up by then. */
const ANSWER_MILLISECONDS = 120_000;
const SILENCE_MILLISECONDS = 30_000;
const MAX_ANSWER_BYTES = 128 * 1024 * 1024;

/** Requests to Azure Document Intelligence, signed with its key or by the managed identity. */
export function createServiceCall({ endpoint, key }: RecognitionConfig): ServiceCall {
  const { origin, pathname } = new URL(endpoint);
  const signIn = lazily(() => azureTokenProvider(SCOPE));
  const open = lazily(async (): Promise<Dispatcher> => {
    // Its names are not there in the bundle, which makes a module of all that CommonJS exports.
    const { default: undici } = await import('undici');
    return new undici.Agent({
      connect: { timeout: CONNECT_MILLISECONDS },
      headersTimeout: ANSWER_MILLISECONDS,
      bodyTimeout: SILENCE_MILLISECONDS,
    });
  });
  const proof = async (): Promise<Record<string, string>> =>
    key === undefined ? { authorization: `Bearer ${await (await signIn())()}` } : { 'ocp-apim-subscription-key': key };

  return async ({ path, body, signal }) => {
    try {
      const answer = await (await open()).request({
        origin,
        path: `${pathname.replace(/\/+$/, '')}${path}`,
        method: body ? 'POST' : 'GET',
        headers: { ...(await proof()), ...(body && { 'content-type': 'application/octet-stream' }) },
        body: body ?? null,
        signal: signal ?? null,
      });
      return { status: answer.statusCode, headers: answer.headers, body: await readBody(answer.body) };
    } catch (cause) {
      throw cause instanceof AppError ? cause : unavailable('does not answer', { cause });
    }
  };
}

export function unavailable(what: string, options: { cause?: unknown; retryAfterSeconds?: number } = {}): AppError {
  const message = `The service that reads scans ${what}. Try again later, or check the DOCUMENT_INTELLIGENCE_… settings.`;
  return new AppError('dependency_unavailable', message, options);
}

async function readBody(body: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > MAX_ANSWER_BYTES) throw unavailable('answered more than can be read');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
