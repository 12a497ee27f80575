import { findPerson } from './people.ts';

const REQUEST_TIMEOUT_MS = 60_000;

/** An answer that the API gave. */
export interface ApiResponse<T> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: T;
}

/** Calls the platform's API as a demo person, through its public door. */
export interface PlatformClient {
  readonly token: string;
  /** JSON in, JSON out; never throws for a status. */
  call<T = Record<string, unknown>>(
    method: string,
    path: string,
    body?: unknown,
    headers?: HeadersInit,
  ): Promise<ApiResponse<T>>;
  /** As `call`, but a status of 400 or above is an error that quotes the problem. */
  must<T = Record<string, unknown>>(method: string, path: string, body?: unknown): Promise<T>;
  upload<T = Record<string, unknown>>(
    path: string,
    fileName: string,
    content: Uint8Array,
    access?: unknown,
  ): Promise<ApiResponse<T>>;
  /** The raw response, for streams. */
  fetch(path: string, init?: RequestInit): Promise<Response>;
}

/** Gets a token for a demo person from the local identity provider. */
export async function tokenFor(identityUrl: string, userName: string): Promise<string> {
  if (!findPerson(userName)) throw new Error(`There is no demo person "${userName}".`);
  const response = await fetch(`${identityUrl}/token?user=${userName}`, {
    signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
  });
  if (!response.ok) throw new Error(`No token for ${userName}: ${await response.text()}`);
  return (await response.text()).trim();
}

export async function platformClient(apiUrl: string, identityUrl: string, userName: string): Promise<PlatformClient> {
  return clientWithToken(apiUrl, await tokenFor(identityUrl, userName));
}

export function clientWithToken(apiUrl: string, token: string): PlatformClient {
  function fetchAs(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    if (token && !headers.has('authorization')) headers.set('authorization', `Bearer ${token}`);
    return fetch(`${apiUrl}${path}`, { signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS), ...init, headers });
  }

  async function call<T>(
    method: string,
    path: string,
    body?: unknown,
    headers: HeadersInit = {},
  ): Promise<ApiResponse<T>> {
    const sent = new Headers(headers);
    if (body !== undefined && !sent.has('content-type')) sent.set('content-type', 'application/json');
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    return read<T>(await fetchAs(path, { method, headers: sent, ...(body !== undefined && { body: text }) }));
  }

  return {
    token,
    call,
    fetch: fetchAs,
    async must<T>(method: string, path: string, body?: unknown) {
      const response = await call<T>(method, path, body);
      if (response.status < 400) return response.body;
      throw new Error(`${method} ${path} answered ${response.status}: ${JSON.stringify(response.body)}`);
    },
    async upload<T>(path: string, fileName: string, content: Uint8Array, access?: unknown) {
      const form = new FormData();
      if (access !== undefined) form.set('access', JSON.stringify(access));
      form.set('file', new Blob([content as Uint8Array<ArrayBuffer>]), fileName);
      return read<T>(await fetchAs(path, { method: 'POST', body: form }));
    },
  };
}

async function read<T>(response: Response): Promise<ApiResponse<T>> {
  const text = await response.text();
  const isJson = /\bjson/.test(response.headers.get('content-type') ?? '');
  return { status: response.status, headers: response.headers, body: (isJson ? JSON.parse(text) : text) as T };
}
