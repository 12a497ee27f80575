import { globSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';

export interface ImportedModule {
  /** A path from the project's root, or the name of a package. */
  readonly target: string;
  readonly isTypeOnly: boolean;
}

export interface SourceModule {
  /** From the project's root, with forward slashes. */
  readonly path: string;
  readonly text: string;
  readonly imports: readonly ImportedModule[];
}

/** Biome formats every import in one of these ways: at the start of a line, or as a call with a literal. */
const IMPORT = /^(?:import|export)\b(?<type> type)?[^'";]*?\bfrom '(?<from>[^']+)'|^import '(?<effect>[^']+)'/gm;
const DYNAMIC_IMPORT = /\bimport\(\s*'(?<call>[^']+)'\s*\)/g;

/** Reads every TypeScript module below some folders, with what it imports. */
export function readModules(folders: readonly string[]): SourceModule[] {
  const paths = folders
    .flatMap((folder) => globSync(`${folder}/**/*.{ts,tsx,mjs}`))
    .map((path) => path.split('\\').join('/'));
  return paths.sort().map((path) => {
    const text = readFileSync(path, 'utf8');
    return { path, text, imports: importsOf(path, text) };
  });
}

export function importsOf(path: string, text: string): ImportedModule[] {
  const found = [...text.matchAll(IMPORT), ...text.matchAll(DYNAMIC_IMPORT)];
  return found.map(({ groups = {} }) => ({
    target: resolve(path, groups.from ?? groups.effect ?? groups.call ?? ''),
    isTypeOnly: groups.type !== undefined,
  }));
}

function resolve(importer: string, specifier: string): string {
  if (specifier.startsWith('.')) return posix.join(posix.dirname(importer), specifier);
  if (specifier.startsWith('node:')) return 'node:';
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}
