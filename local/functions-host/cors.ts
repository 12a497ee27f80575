import type { IncomingMessage, ServerResponse } from 'node:http';

/** Which origins may call: `Host.CORS` and `Host.CORSCredentials` of local.settings.json. */
export interface CorsSettings {
  readonly origins: string[];
  readonly credentials: boolean;
}

/** Adds CORS headers for an allowed origin, and answers its preflight; tells whether the request has been answered. */
export function applyCors(cors: CorsSettings | undefined, message: IncomingMessage, response: ServerResponse): boolean {
  const { origin } = message.headers;
  if (!cors || !origin) return false;
  const isAllowed = cors.origins.includes('*') || cors.origins.includes(origin);
  if (!isAllowed) return false;
  response.setHeader(
    'access-control-allow-origin',
    cors.credentials ? origin : (cors.origins.find((it) => it === '*') ?? origin),
  );
  response.setHeader('vary', 'Origin');
  if (cors.credentials) response.setHeader('access-control-allow-credentials', 'true');
  const requestedMethod = message.headers['access-control-request-method'];
  if (message.method !== 'OPTIONS' || !requestedMethod) return false;
  response.writeHead(204, {
    'access-control-allow-methods': requestedMethod,
    'access-control-allow-headers': message.headers['access-control-request-headers'] ?? '*',
  });
  response.end();
  return true;
}
