/** Writes the documents that are made from the code: `npm run docs`. A test fails when they were not written again. */
import { writeFile } from 'node:fs/promises';
import '../functions/index.ts';
import { openApiDocument } from '../shared/edge/openapi.ts';
import { declaredOperations } from '../shared/edge/operation.ts';
import { configurationPage } from './configuration-page.ts';
import { permissionsPage } from './permissions-page.ts';

/** The text of each generated document, by its path from the project's root. */
export function generatedDocuments(): ReadonlyMap<string, string> {
  return new Map([
    ['docs/configuration.md', configurationPage()],
    ['docs/permissions.md', permissionsPage(declaredOperations())],
    ['docs/openapi.json', `${JSON.stringify(openApiDocument(), null, 2)}\n`],
  ]);
}

if (import.meta.main) {
  for (const [path, text] of generatedDocuments()) await writeFile(path, text);
}
