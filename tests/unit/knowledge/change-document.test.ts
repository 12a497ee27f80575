import { expect, it } from 'vitest';
import { AppError } from '../../../shared/errors.ts';
import { changeDocument } from '../../../shared/knowledge/change-document.ts';
import { newDocument } from '../../../shared/knowledge/document-lifecycle.ts';
import type { DocumentRepository, StoredDocument } from '../../../shared/knowledge/document-repository.ts';
import { keyOf } from '../../../shared/knowledge/document-source.ts';
import type { Versioned } from '../../../shared/versioned.ts';

const now = '2026-01-05T09:00:00.000Z';
const document = newDocument({
  id: 'doc_1',
  tenantId: 'tenant',
  knowledgeBaseId: 'kb_1',
  name: 'plan.txt',
  source: 'drop',
  access: null,
  createdBy: null,
  drop: { path: 'plan.txt', etag: 'a', version: 1 },
  now,
});
const key = keyOf(document);
const named = (name: string, etag: string): Versioned<StoredDocument> => ({ value: { ...document, name }, etag });
const append = (current: StoredDocument) => ({ ...current, name: `${current.name}, changed` });

/** Holds one document, and counts how often it is read. */
function storeOf(stored: Versioned<StoredDocument>) {
  const reads: string[] = [];
  const repository = {
    async find() {
      reads.push(stored.etag);
      return stored;
    },
    async replace(value: StoredDocument, etag: string) {
      if (etag !== stored.etag) throw new AppError('precondition_failed', 'Somebody was faster.');
      return { value, etag: 'next' };
    },
  } as Partial<DocumentRepository> as DocumentRepository;
  return { repository, reads };
}

it('does not read again what its caller has just read', async () => {
  const { repository, reads } = storeOf(named('plan', '1'));
  const changed = await changeDocument(repository, key, append, named('plan', '1'));
  expect(changed?.value.name).toBe('plan, changed');
  expect(reads).toEqual([]);
});

it('changes the newest state when somebody was faster than its caller', async () => {
  const { repository, reads } = storeOf(named('newer', '2'));
  const changed = await changeDocument(repository, key, append, named('plan', '1'));
  expect(changed?.value.name).toBe('newer, changed');
  expect(reads).toEqual(['2']);
});

it('asks the newest state whether a step applies that did not apply to what was read', async () => {
  const { repository } = storeOf(named('newer', '2'));
  const step = (current: StoredDocument) => (current.name === 'newer' ? append(current) : null);
  expect((await changeDocument(repository, key, step, named('plan', '1')))?.value.name).toBe('newer, changed');
  expect(await changeDocument(repository, key, () => null, named('plan', '1'))).toBeNull();
});
