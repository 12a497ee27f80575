import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Collection, createCollection, loadCollection } from './collection.ts';
import type { CollectionSettings } from './collection-schema.ts';
import { conflict, notFound, validationError } from './errors.ts';

/** One step of an alias change. */
export type AliasAction =
  | { readonly create_alias: { readonly collection_name: string; readonly alias_name: string } }
  | { readonly delete_alias: { readonly alias_name: string } }
  | { readonly rename_alias: { readonly old_alias_name: string; readonly new_alias_name: string } };

/** All collections of the server, and the aliases that stand for them. */
export interface Collections {
  names(): string[];
  has(nameOrAlias: string): boolean;
  get(nameOrAlias: string): Collection;
  create(name: string, settings: CollectionSettings): void;
  /** False when there was none. */
  delete(name: string): boolean;
  /** Changes aliases all at once or, when a step is wrong, not at all. */
  changeAliases(actions: readonly AliasAction[]): void;
  aliases(collection?: string): { alias_name: string; collection_name: string }[];
  close(): void;
}

const LOG_SUFFIX = '.log.ndjson';
const LONGEST_NAME = 200;
const FORBIDDEN_CHARACTER = /[<>:"/\\|?*\p{Cc}]/u;

/** Opens the collections kept in a directory. */
export function openCollections(directory: string): Collections {
  mkdirSync(directory, { recursive: true });
  const aliasFile = join(directory, 'aliases.json');
  const fileOf = (name: string): string => join(directory, `${encodeURIComponent(name)}${LOG_SUFFIX}`);
  const collections = loadAll(directory);
  let aliases = readAliases(aliasFile);

  const find = (name: string): Collection | undefined =>
    collections.get(name) ?? collections.get(aliases.get(name) ?? '');
  const saveAliases = (next: Map<string, string>): void => {
    writeFileSync(`${aliasFile}.new`, JSON.stringify(Object.fromEntries(next)));
    renameSync(`${aliasFile}.new`, aliasFile);
    aliases = next;
  };
  return {
    names: () => [...collections.keys()].sort(),
    has: (name) => find(name) !== undefined,
    get(name) {
      const found = find(name);
      if (!found) throw notFound(`Collection \`${name}\` doesn't exist!`);
      return found;
    },
    create(name, settings) {
      checkName(name);
      if (collections.has(name)) throw conflict(`Collection \`${name}\` already exists!`);
      if (aliases.has(name)) throw conflict(`Alias with the same name already exists: ${name}`);
      collections.set(name, createCollection(fileOf(name), settings));
    },
    delete(name) {
      collections.get(name)?.destroy();
      if (!collections.delete(name)) return false;
      saveAliases(new Map([...aliases].filter(([, target]) => target !== name)));
      return true;
    },
    changeAliases(actions) {
      const next = new Map(aliases);
      for (const action of actions) changeAlias(next, action, (name) => collections.has(name));
      saveAliases(next);
    },
    aliases: (collection) =>
      [...aliases]
        .filter(([, target]) => collection === undefined || target === collection)
        .map(([alias, target]) => ({ alias_name: alias, collection_name: target })),
    close() {
      for (const collection of collections.values()) collection.close();
    },
  };
}

function changeAlias(aliases: Map<string, string>, action: AliasAction, exists: (name: string) => boolean): void {
  if ('create_alias' in action) {
    const { alias_name: alias, collection_name: collection } = action.create_alias;
    if (!exists(collection)) throw notFound(`Collection \`${collection}\` doesn't exist!`);
    if (exists(alias)) throw conflict(`Collection \`${alias}\` already exists!`);
    aliases.set(alias, collection);
  } else if ('rename_alias' in action) {
    const { old_alias_name: from, new_alias_name: to } = action.rename_alias;
    const collection = aliases.get(from);
    if (collection === undefined) throw notFound(`Alias ${from} does not exists!`);
    aliases.delete(from);
    aliases.set(to, collection);
  } else aliases.delete(action.delete_alias.alias_name);
}

function loadAll(directory: string): Map<string, Collection> {
  const files = readdirSync(directory).filter((file) => file.endsWith(LOG_SUFFIX));
  const loaded = files.map((file) => {
    const name = decodeURIComponent(file.slice(0, -LOG_SUFFIX.length));
    return [name, loadCollection(join(directory, file))] as const;
  });
  return new Map(loaded.flatMap(([name, collection]) => (collection ? [[name, collection]] : [])));
}

function readAliases(file: string): Map<string, string> {
  try {
    return new Map(Object.entries(JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return new Map();
    throw error;
  }
}

function checkName(name: string): void {
  if (name.length === 0 || name.length > LONGEST_NAME || FORBIDDEN_CHARACTER.test(name)) {
    throw validationError('name', `collection name must have 1 to ${LONGEST_NAME} characters and none of <>:"/\\|?*`);
  }
}
