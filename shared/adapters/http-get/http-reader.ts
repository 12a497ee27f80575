import type { lookup } from 'node:dns';
import type { Dispatcher } from 'undici';
import { AppError } from '../../errors.ts';
import type { UrlCheck } from '../../tools/allowed-hosts.ts';
import type { HttpReader, ReadPage } from '../../tools/http-reader.ts';
import { lazily } from '../lazily.ts';
import { type AddressCheck, isPublicAddress } from '../public-address.ts';
import { guardedConnector } from './guarded-connector.ts';
import { readText } from './read-text.ts';

const MAX_REDIRECTS = 3;
const SILENCE_MILLISECONDS = 10_000;
const MAX_HEADER_BYTES = 16_384;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);
const HEADERS = { accept: 'text/*, application/json, application/xml', 'accept-encoding': 'identity' };

export interface HttpReaderOptions {
  /** Left out: public addresses only. A test that reads from its own machine says so here; no setting can. */
  readonly isAllowedAddress?: AddressCheck;
  /** Left out: that of the system. */
  readonly resolve?: typeof lookup;
}

/** Reads pages for the tool `http_get`: no cookies, no credentials, a fresh connection for each. */
export function createHttpReader({ isAllowedAddress, resolve }: HttpReaderOptions = {}): HttpReader {
  // Of undici, its names are not there in the bundle, which makes a module of all that CommonJS exports.
  const load = lazily(() => import('undici'));

  async function open(): Promise<Dispatcher> {
    const { default: undici } = await load();
    return new undici.Agent({
      connect: guardedConnector(undici.buildConnector, isAllowedAddress ?? isPublicAddress, resolve),
      headersTimeout: SILENCE_MILLISECONDS,
      bodyTimeout: SILENCE_MILLISECONDS,
      maxHeaderSize: MAX_HEADER_BYTES,
      pipelining: 0,
    });
  }

  return async (url, isAllowed, signal) => {
    const dispatcher = await open();
    try {
      return await follow(dispatcher, url, isAllowed, signal);
    } catch (error) {
      throw signal.aborted ? signal.reason : toReaderError(error);
    } finally {
      void dispatcher.destroy().catch(() => undefined);
    }
  };
}

async function follow(dispatcher: Dispatcher, first: URL, isAllowed: UrlCheck, signal: AbortSignal): Promise<ReadPage> {
  let url = first;
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
    if (!isAllowed(url)) throw new AppError('forbidden', 'This URL is not on the list of hosts that may be read.');
    const { origin, pathname, search } = url;
    const request = { origin, path: pathname + search, method: 'GET', headers: HEADERS, signal } as const;
    const { statusCode, headers, body } = await dispatcher.request(request);
    // Whoever hangs up on a body hears of it as an error, which nobody waits for.
    body.on('error', () => undefined);
    const { location } = headers;
    if (!REDIRECTS.has(statusCode) || typeof location !== 'string') return readText(statusCode, headers, body);
    body.destroy();
    if (!URL.canParse(location, url)) throw new AppError('upstream_failed', 'The host redirects to no URL.');
    url = new URL(location, url);
  }
  throw new AppError('upstream_failed', `The host redirects more than ${MAX_REDIRECTS} times.`);
}

function toReaderError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  const { code } = (error ?? {}) as { code?: unknown };
  if (/TIMEOUT/.test(String(code))) {
    return new AppError('upstream_timeout', 'The host did not answer in time.', { cause: error });
  }
  return new AppError('upstream_failed', 'The host cannot be read.', { cause: error });
}
