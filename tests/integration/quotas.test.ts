import { BlobServiceClient } from '@azure/storage-blob';
import { beforeAll, expect, it } from 'vitest';
import type { KnowledgeDocument } from '../../shared/contracts/documents.ts';
import type { Page } from '../../shared/contracts/paging.ts';
import type { Problem } from '../../shared/contracts/problem.ts';
import {
  createKnowledgeBase,
  eventually,
  onboardTenant,
  stack,
  type TestPerson,
  type TestTenant,
} from './support/platform.ts';

const MEGABYTE = 1024 * 1024;

let tenant: TestTenant;
let keeper: TestPerson;
let knowledgeBaseId: string;
const documentsPath = () => `/api/v1/knowledge-bases/${knowledgeBaseId}/documents`;

beforeAll(async () => {
  tenant = await onboardTenant('Small', {
    knowledgeQuotas: { knowledgeBases: 1, documents: 2, documentMegabytes: 1 },
  });
  keeper = await tenant.person(['KnowledgeManager']);
  knowledgeBaseId = (await createKnowledgeBase(keeper)).id;
});

function drop(name: string, content: Buffer) {
  const blob = `${tenant.id}/${knowledgeBaseId}/${name}`;
  const storage = BlobServiceClient.fromConnectionString(stack.env.PlatformStorage ?? '');
  return storage.getContainerClient('drop').getBlockBlobClient(blob).uploadData(content);
}

async function dropped(name: string): Promise<KnowledgeDocument> {
  return eventually(async () => {
    const { items } = await keeper.must<Page<KnowledgeDocument>>('GET', documentsPath());
    return items.find((document) => document.name === name && document.status === 'failed');
  });
}

it('refuses another knowledge base than the policy has room for', async () => {
  const { status, body } = await keeper.call<Problem>('POST', '/api/v1/knowledge-bases', { name: 'One too many' });

  expect(status).toBe(403);
  expect(body.detail).toContain('1 knowledge bases');
});

it('takes no larger file than the policy allows, by any door', async () => {
  const large = Buffer.alloc(MEGABYTE + 1, 'a ');
  const upload = await keeper.upload<Problem>(documentsPath(), 'large.txt', large);
  await drop('dropped-large.txt', large);

  expect(upload.status).toBe(413);
  expect(upload.body.detail).toContain('1 MB');
  expect((await dropped('dropped-large.txt')).error?.code).toBe('too-large');
});

it('takes no more documents than the policy has room for, by any door', async () => {
  const first = await keeper.upload<KnowledgeDocument>(documentsPath(), 'fits.txt', Buffer.from('It fits.'));
  const second = await keeper.upload<Problem>(documentsPath(), 'too-many.txt', Buffer.from('It does not.'));
  await drop('dropped.txt', Buffer.from('Nor does it.'));

  expect(first.status).toBe(202);
  expect(second.status).toBe(403);
  expect(second.body.detail).toContain('2 documents');
  expect((await dropped('dropped.txt')).error?.code).toBe('quota-used-up');
});

it('still takes a new version of a document that is there', async () => {
  const { items } = await keeper.must<Page<KnowledgeDocument>>('GET', documentsPath());
  const id = items.find(({ name }) => name === 'fits.txt')?.id;

  const again = await keeper.upload(`${documentsPath()}?documentId=${id}`, 'fits.txt', Buffer.from('It fits again.'));

  expect(again.status).toBe(202);
});
