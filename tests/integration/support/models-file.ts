import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { z } from 'zod';
import type { ModelCatalog } from '../../../shared/contracts/models.ts';
import { stack } from './platform.ts';

export type CatalogInput = z.input<typeof ModelCatalog>;

/** Writes a catalog to a file of its own and returns the settings that name it. */
export function modelsFile(catalog: CatalogInput): Record<string, string> {
  const file = join(mkdtempSync(join(stack.directory, 'models-')), 'models.json');
  writeFileSync(file, JSON.stringify(catalog));
  return { MODELS_FILE: file, TEST_MODEL_KEY: 'local' };
}

/** The embedding model of the stack, at an endpoint. */
export const hashingModel = (...endpoints: string[]): CatalogInput['models'][number] => ({
  kind: 'embedding',
  name: 'local-hashing-embedding',
  contextTokens: 8_192,
  dimensions: 512,
  deployments: endpoints.map((endpoint) => ({ endpoint, deployment: 'local-hashing-embedding' })),
});

/** A chat model with a deployment of its own name at each endpoint. */
export const chatModel = (
  name: string,
  endpoints: readonly string[],
  facts: Partial<Extract<CatalogInput['models'][number], { kind: 'chat' }>> = {},
): CatalogInput['models'][number] => ({
  kind: 'chat',
  name,
  contextTokens: 16_000,
  maxOutputTokens: 1_024,
  deployments: endpoints.map((endpoint) => ({ endpoint, deployment: name })),
  ...facts,
});

/**
 * So many chat models at one endpoint, that are the same but for their names: what a deployment goes through in one test
 * is not held against it in the next.
 */
export function manyModels(count: number): { readonly names: readonly string[]; next(): string } {
  const names = Array.from({ length: count }, (_, index) => `model-${index}`);
  let used = 0;
  return {
    names,
    next() {
      const name = names[used];
      used += 1;
      if (name === undefined) throw new Error(`There are only ${count} models.`);
      return name;
    },
  };
}
