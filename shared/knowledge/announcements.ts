import type { DocumentKey } from './document-repository.ts';

type KnowledgeBaseKey = Omit<DocumentKey, 'documentId'>;
type Announce = (knowledgeBase: KnowledgeBaseKey, grants: readonly string[]) => Promise<void>;

interface Waiting {
  readonly grants: Set<string>;
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
    const grants = new Set<string>();
    const previous = latest.get(name) ?? Promise.resolve();
    const begin = () => {
      waiting.delete(name);
      return send(knowledgeBase, [...grants]);
    };
    const sent = previous.then(begin, begin);
    const forget = () => {
      if (latest.get(name) === sent) latest.delete(name);
    };
    sent.then(forget, forget);
    latest.set(name, sent);
    const entry = { grants, sent };
    waiting.set(name, entry);
    return entry;
  }

  return ({ tenantId, knowledgeBaseId }, grants) => {
    const name = `${tenantId}/${knowledgeBaseId}`;
    const entry = waiting.get(name) ?? enqueue(name, { tenantId, knowledgeBaseId });
    for (const grant of grants) entry.grants.add(grant);
    return entry.sent;
  };
}
