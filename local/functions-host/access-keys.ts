import { timingSafeEqual } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { z } from 'zod';

const AccessKeys = z.object({
  masterKey: z.string().min(1),
  /** Open every function of level `function`. */
  functionKeys: z.record(z.string(), z.string().min(1)).default({}),
});

/** The keys that guard functions and admin routes; without keys nothing is guarded, as with the Core Tools. */
export type AccessKeys = z.infer<typeof AccessKeys>;

/** Reads `{ "masterKey": "…", "functionKeys": { "name": "key" } }` from a file. */
export async function readAccessKeys(path: string): Promise<AccessKeys> {
  return AccessKeys.parse(JSON.parse(await readFile(path, 'utf8')));
}

/** Decides whether a request carries (`x-functions-key` or `?code=`) a key that its function's level asks for. */
export function isAllowed(keys: AccessKeys | undefined, level: string, request: IncomingMessage, url: URL): boolean {
  if (!keys || level === 'anonymous') return true;
  const header = request.headers['x-functions-key'];
  const given = typeof header === 'string' ? header : url.searchParams.get('code');
  if (!given) return false;
  const accepted = level === 'function' ? [keys.masterKey, ...Object.values(keys.functionKeys)] : [keys.masterKey];
  return accepted.some((key) => isSame(key, given));
}

function isSame(left: string, right: string): boolean {
  const [first, second] = [Buffer.from(left), Buffer.from(right)];
  return first.length === second.length && timingSafeEqual(first, second);
}
