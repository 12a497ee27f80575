import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { generatedDocuments } from '../../docs/generate.ts';

it.each([...generatedDocuments()])('%s says what the code says; `npm run docs` writes it again', (path, text) => {
  expect(readFileSync(path, 'utf8')).toBe(text);
});
