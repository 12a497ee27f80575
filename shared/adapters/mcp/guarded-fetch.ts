import type { Agent } from 'undici';
import { AppError } from '../../errors.ts';
import { lazily } from '../lazily.ts';
import type { AddressGuard } from '../public-address.ts';

const CONNECT_TIMEOUT_MILLISECONDS = 5_000;
const MAX_RESPONSE_BYTES = 1024 * 1024;
const NO_CONTENT = new Set([204, 205, 304]);

export type Fetch = (url: string | URL, init?: RequestInit) => Promise<Response>;

/**
 * `fetch` that reaches only what its guard lets through, and reads at most a megabyte of each answer. Redirects are left
 * to the caller, whose next request is guarded again.
 */
export function createGuardedFetch(guard: AddressGuard): Fetch {
  const load = lazily(async () => {
    // As a CommonJS package it has its names only here once it is bundled.
    const { default: undici } = await import('undici');
    const connect = { lookup: guard.lookup, timeout: CONNECT_TIMEOUT_MILLISECONDS };
    return { fetch: undici.fetch, dispatcher: new undici.Agent({ connect }) as Agent };
  });

  return async (url, init = {}) => {
    const refusal = guard.refusalOf(new URL(url));
    if (refusal !== null) throw new AppError('unprocessable', refusal);
    const { fetch, dispatcher } = await load();
    const options = { redirect: 'manual', ...init, dispatcher } as NonNullable<Parameters<typeof fetch>[1]>;
    const { status, statusText, headers, body } = await fetch(url, options);
    const content = NO_CONTENT.has(status) ? null : (body as ReadableStream<Uint8Array> | null);
    return new Response(content?.pipeThrough(upTo(MAX_RESPONSE_BYTES)) ?? null, {
      status,
      statusText,
      headers: [...headers],
    });
  };
}

function upTo(maxBytes: number): TransformStream<Uint8Array, Uint8Array> {
  let size = 0;
  return new TransformStream({
    transform(chunk, controller) {
      size += chunk.byteLength;
      if (size <= maxBytes) controller.enqueue(chunk);
      else
        controller.error(new AppError('upstream_failed', `The tool server answered with more than ${maxBytes} bytes.`));
    },
  });
}
