import { describe, expect, it } from 'vitest';
import { createAnnouncements } from '../../../shared/knowledge/announcements.ts';

const one = { tenantId: 'ten', knowledgeBaseId: 'one' };
const other = { tenantId: 'ten', knowledgeBaseId: 'other' };

/** Sends that end when the test says so. */
function heldSends() {
  const sends: { to: string; grants: readonly string[]; end: PromiseWithResolvers<void> }[] = [];
  const tell = createAnnouncements(({ knowledgeBaseId: to }, { grants = [] }) => {
    const end = Promise.withResolvers<void>();
    sends.push({ to, grants, end });
    return end.promise;
  });
  const announce = (knowledgeBase: typeof one, grants: readonly string[]) => tell(knowledgeBase, { grants });
  return { sends, announce };
}
const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('announcements of a knowledge base', () => {
  it('that come while one is on its way go out together, after it', async () => {
    const { sends, announce } = heldSends();
    const first = announce(one, ['a']);
    await turn();
    const late = [announce(one, ['b']), announce(one, []), announce(one, ['c', 'b'])];
    await turn();
    expect(sends.map(({ grants }) => grants)).toEqual([['a']]);
    sends[0]?.end.resolve();
    await first;
    await turn();
    expect(sends.map(({ grants }) => grants)).toEqual([['a'], ['b', 'c']]);
    sends[1]?.end.resolve();
    await Promise.all(late);
    await Promise.all([announce(one, []), turn().then(() => sends[2]?.end.resolve())]);
    expect(sends).toHaveLength(3);
  });

  it('wait for no other knowledge base', async () => {
    const { sends, announce } = heldSends();
    void announce(one, []);
    const second = announce(other, []);
    await turn();
    sends[1]?.end.resolve();
    await second;
    expect(sends.map(({ to }) => to)).toEqual(['one', 'other']);
  });

  it('fail for all who shared them, and for nobody after them', async () => {
    const { sends, announce } = heldSends();
    const shared = [announce(one, []), announce(one, [])].map((sent) => sent.catch((error: Error) => error.message));
    await turn();
    const next = announce(one, ['late']);
    sends[0]?.end.reject(new Error('down'));
    expect(await Promise.all(shared)).toEqual(['down', 'down']);
    await turn();
    sends[1]?.end.resolve();
    await next;
    expect(sends.map(({ grants }) => grants)).toEqual([[], ['late']]);
  });
});
