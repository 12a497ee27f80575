import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where the build puts them, beside the bundle. */
export const CHARACTER_MAPS_FOLDER = 'character-maps';
const CHARACTER_MAPS_PACKAGE = 'pdfjs-dist';

/**
 * The folder of the predefined character maps, ending in a slash; without them, Chinese, Japanese and Korean text in fonts
 * that a file only names by their map (ISO 32000-1, 9.7.5.2) cannot be read.
 */
export function characterMapsFolder(): string {
  if (!import.meta.url.endsWith('.ts')) return fileURLToPath(new URL(`./${CHARACTER_MAPS_FOLDER}/`, import.meta.url));
  const require = createRequire(import.meta.url);
  return join(dirname(require.resolve(`${CHARACTER_MAPS_PACKAGE}/package.json`)), 'cmaps/');
}
