import { readFile } from 'node:fs/promises';
import { AppError } from '../errors.ts';
import { apiDocsAssets } from './api-docs-page.ts';

/** The build puts the files of the documentation pages into a folder beside the bundle. */
const FOLDER = new URL('./api-docs/', import.meta.url);

/** One file of the documentation pages. @throws AppError `not_found` */
export async function apiDocsAsset(name: string): Promise<{ contentType: string; content: Uint8Array | string }> {
  const asset = Object.hasOwn(apiDocsAssets, name) ? apiDocsAssets[name] : undefined;
  if (!asset) throw new AppError('not_found', 'There is no such file.');
  const content = 'text' in asset ? asset.text : await readFile(new URL(name, FOLDER));
  return { contentType: asset.contentType, content };
}
