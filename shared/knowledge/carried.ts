import { EVERYBODY, grantsOf } from '../identity/principal.ts';
import type { StoredDocument } from './document-repository.ts';
import type { Carried } from './vector-store.ts';

/** What the chunks of a document carry of its record: the access list as grants, or everybody whom the knowledge base lets in. */
export function carriedBy({ access, name, tags = [], modifiedAt = null, revision }: StoredDocument): Carried {
  const grants = grantsOf(access ?? { visibility: 'tenant', users: [], groups: [], roles: [] });
  return { grants: [...new Set(grants)], documentName: name, tags, modifiedAt, revision };
}

/** Whether somebody who may find the chunks of a document may do so no longer after a change of it. */
export function isNarrowed(before: StoredDocument, after: StoredDocument): boolean {
  const [grants, left] = [carriedBy(before).grants, carriedBy(after).grants];
  return !left.includes(EVERYBODY) && grants.some((grant) => !left.includes(grant));
}
