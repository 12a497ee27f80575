import type { KnowledgeBaseKey } from './document-repository.ts';
import { type ContentChange, mergedChange } from './knowledge-content.ts';

/** Tells a knowledge base of a change of its content. */
export type Announce = (knowledgeBase: KnowledgeBaseKey, change: ContentChange) => Promise<void>;

interface Waiting {
  change: ContentChange;
  readonly sent: Promise<void>;
}

/**
 * Sends announcements of one knowledge base one after another; those that come while one is on its way go out together
 * as the next. A thousand documents at once are then a few writes of one item, and none before the change it tells of.
 */
export function createAnnouncements(send: Announce): Announce {
  const waiting = new Map<string, Waiting>();
  const latest = new Map<string, Promise<void>>();

  function enqueue(name: string, knowledgeBase: KnowledgeBaseKey): Waiting {
    const previous = latest.get(name) ?? Promise.resolve();
    const begin = () => {
      waiting.delete(name);
      return send(knowledgeBase, entry.change);
    };
    const sent = previous.then(begin, begin);
    const entry: Waiting = { change: {}, sent };
    const forget = () => {
      if (latest.get(name) === sent) latest.delete(name);
    };
    sent.then(forget, forget);
    latest.set(name, sent);
    waiting.set(name, entry);
    return entry;
  }

  return ({ tenantId, knowledgeBaseId }, change) => {
    const name = `${tenantId}/${knowledgeBaseId}`;
    const entry = waiting.get(name) ?? enqueue(name, { tenantId, knowledgeBaseId });
    entry.change = mergedChange(entry.change, change);
    return entry.sent;
  };
}
