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

export type PackageAccount = InstanceType<typeof Account>;
export type PackageCollection = ReturnType<ReturnType<PackageAccount['database']>['collection']>;
export type ItemObject = ReturnType<PackageCollection['read']>;
