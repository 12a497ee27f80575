/** Where something of a person may lie that an erasure removes, and what it is. */
export const erasedStores = {
  'database/sessions': 'Conversations',
  'database/messages': 'Messages of conversations, with feedback',
  'files/runs': 'Logs of answers',
  'database/documents': 'Documents that the person uploaded',
  'files/documents': 'Files of these documents, of every version',
  'vectors/chunks': 'Vectors and text of these documents',
  'vectors/semantic-cache': 'Answers to questions of the person that were kept to be given again',
  'database/users': 'The account with its name; of somebody who is suspended only the name and roles',
} as const;

export type ErasedStore = keyof typeof erasedStores;

/** Where an erasure removes nothing more, and why. A store is in one of the two lists; a test finds one that is in neither. */
export const keptStores = {
  'database/tenants': 'Holds nothing about people.',
  'database/knowledge-bases': 'Belong to the tenant; they name people by id only.',
  'database/drop-folders': 'What is known of folders that programs of the tenant fill; it names people by id only.',
  'database/usage': 'Needed for accounts; it names people by id only and holds no content.',
  'database/counters': 'Limits by id only, gone after 35 days; answers to repeated calls, gone after a day.',
  'database/audit-log':
    'The record of what was done must stay whole; it names people by id and account name, and holds no content.',
  'database/api-keys': 'Belong to the tenant; they name who created them by id only.',
  'database/tool-servers': 'Belong to the tenant; they name who registered them by id only.',
  'database/erasures': 'Shows that people were erased; it names them by id only.',
  'files/drop': 'Files that a program of the tenant delivered; nobody uploaded them in person.',
  'files/audit': 'The record of what was done, sealed.',
} as const;

/** How much was removed from each store; what is left out is zero. */
export type Removed = Partial<Record<ErasedStore, number>>;

export function addRemoved(total: Removed, more: Removed): Removed {
  const stores = Object.keys(erasedStores) as ErasedStore[];
  return Object.fromEntries(stores.map((store) => [store, (total[store] ?? 0) + (more[store] ?? 0)]));
}

export function isNothing(removed: Removed): boolean {
  return Object.values(removed).every((count) => count === 0);
}
