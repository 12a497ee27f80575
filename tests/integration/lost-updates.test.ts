import { expect, it } from 'vitest';
import type { KnowledgeBase } from '../../shared/contracts/knowledge-bases.ts';
import { createKnowledgeBase, onboardTenant } from './support/platform.ts';

const WRITERS = 50;

it('fifty writers who start from one ETag all land when they read again, and none undoes another', async () => {
  const tenant = await onboardTenant('Writers');
  const keeper = await tenant.person(['KnowledgeManager']);
  const { id } = await createKnowledgeBase(keeper);
  const path = `/api/v1/knowledge-bases/${id}`;
  const read = async () => {
    const { headers, body } = await keeper.call<KnowledgeBase>('GET', path);
    return { etag: headers.get('etag') ?? '', description: body.description };
  };
  const first = await read();

  const write = async (mark: string) => {
    for (let tries = 1, from = first; ; tries += 1, from = await read()) {
      const description = `${from.description} ${mark}`.trim();
      const { status } = await keeper.call('PATCH', path, { description }, { 'if-match': from.etag });
      if (status === 200) return tries;
      expect(status, 'what another changed first').toBe(412);
    }
  };
  const marks = Array.from({ length: WRITERS }, (_, index) => `w${index}`);
  const tries = await Promise.all(marks.map(write));

  const { description } = await read();
  expect(description.split(' ').sort()).toEqual(marks.toSorted());
  expect(tries.filter((count) => count === 1)).toHaveLength(1);
});
