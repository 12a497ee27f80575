import { app } from '@azure/functions';
import { findServices } from '../running-services.ts';

const EXPOSED_HEADERS =
  'etag, location, retry-after, www-authenticate, idempotent-replayed, x-trace-id, x-session-id, x-run-id, ' +
  'x-ratelimit-limit-tokens, x-ratelimit-remaining-tokens, x-ratelimit-limit-requests, x-ratelimit-remaining-requests, ' +
  'x-ratelimit-reset, x-ratelimit-scope, x-ratelimit-reset-tokens, x-ratelimit-reset-requests, ' +
  'x-request-id, x-model-route, x-cache, www-authenticate, link';
const PREFLIGHT_SECONDS = '600';

/** CORS headers for an origin that is configured; none for any other. */
export function corsHeaders(origin: string | null, allowed: readonly string[]): Record<string, string> {
  if (!origin || !allowed.includes(origin)) return {};
  return {
    'access-control-allow-origin': origin,
    'access-control-expose-headers': EXPOSED_HEADERS,
    vary: 'origin',
  };
}

/** Answers every preflight request of a browser. */
export function registerPreflight(): void {
  app.http('zz-cors-preflight', {
    methods: ['OPTIONS'],
    authLevel: 'anonymous',
    route: '{*path}',
    handler: async (request) => {
      const headers = corsHeaders(request.headers.get('origin'), findServices()?.config.corsOrigins ?? []);
      if (!('access-control-allow-origin' in headers)) return { status: 403 };
      return {
        status: 204,
        headers: {
          ...headers,
          'access-control-allow-methods': 'GET, POST, PUT, PATCH, DELETE',
          'access-control-allow-headers': request.headers.get('access-control-request-headers') ?? '',
          'access-control-max-age': PREFLIGHT_SECONDS,
        },
      };
    },
  });
}
