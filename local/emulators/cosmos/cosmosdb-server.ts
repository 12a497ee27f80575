/**
 * The parts of `@vercel/cosmosdb-server` that the emulator is made of, under the names that they have inside it.
 * They are required, not imported: bundlers and Node disagree on what the default import of such a CommonJS module is.
 */
import { createRequire } from 'node:module';
import type documentsModule from '@vercel/cosmosdb-server/lib/account/documents.js';
import type accountModule from '@vercel/cosmosdb-server/lib/account/index.js';
import type operationsModule from '@vercel/cosmosdb-server/lib/handler/_document-operations.js';
import type patchModule from '@vercel/cosmosdb-server/lib/handler/_patch-operations.js';
import type routesModule from '@vercel/cosmosdb-server/lib/routes.js';

const require = createRequire(import.meta.url);
const library = '@vercel/cosmosdb-server/lib';

export const Account = (require(`${library}/account/index.js`) as typeof accountModule).default;
export const Documents = (require(`${library}/account/documents.js`) as typeof documentsModule).default;
export const matchRoute = (require(`${library}/routes.js`) as typeof routesModule).default;
export const operations = require(`${library}/handler/_document-operations.js`) as typeof operationsModule;
export const { patchOperation } = require(`${library}/handler/_patch-operations.js`) as typeof patchModule;

/** The query engine's array functions, of which one copies the array once per element. */
const engine = createRequire(require.resolve('@vercel/cosmosdb-server'))('@zeit/cosmosdb-query/lib/helpers') as {
  stripUndefined(value: unknown): unknown;
};
engine.stripUndefined = withoutUndefined;

function withoutUndefined(value: unknown): unknown {
  if (Array.isArray(value)) return value.filter((item) => item !== undefined).map(withoutUndefined);
  if (typeof value !== 'object' || value === null) return value;
  const defined = Object.entries(value).filter(([, field]) => field !== undefined);
  return Object.fromEntries(defined.map(([name, field]) => [name, withoutUndefined(field)]));
}

type CompiledQuery = ReturnType<InstanceType<typeof Documents>['_getQuery']>;

/** Makes a compiled query collect its rows by appending, where the compiler copies the array once per row. */
export function withLinearTime(query: CompiledQuery): CompiledQuery {
  if (!query._code) query._code = query.code.replace(/\[\.\.\.\$, (\{[^{}]*\})\]/g, '($.push($1), $)');
  return query;
}

export type PackageAccount = InstanceType<typeof Account>;
export type PackageCollection = ReturnType<ReturnType<PackageAccount['database']>['collection']>;
export type ItemObject = ReturnType<PackageCollection['read']>;
