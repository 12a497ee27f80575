import { type PlatformClient, platformClient } from '../platform-client.ts';
import type { SeedTarget } from '../seed.ts';
import type { StreamedAnswer } from './ask.ts';
import type { Checks } from './checks.ts';
import type { Screen } from './screen.ts';

/** Besides the app, the model server, which can be told to fail. */
export interface DemoTarget extends SeedTarget {
  readonly modelsUrl: string;
}

/** What every part of the demo works with. */
export interface DemoContext {
  readonly screen: Screen;
  readonly checks: Checks;
  readonly target: DemoTarget;
  /** By the key of the catalogue. */
  readonly knowledgeBaseIds: ReadonlyMap<string, string>;
  /** Every answer so far, for the summary. */
  readonly answers: StreamedAnswer[];
  /** Signs a demo person in, once. */
  signIn(userName: string): Promise<PlatformClient>;
  idOf(knowledgeBase: string): string;
}

export type DemoParts = Pick<DemoContext, 'screen' | 'checks' | 'target' | 'knowledgeBaseIds'>;

export function createDemoContext(parts: DemoParts): DemoContext {
  const { target, knowledgeBaseIds } = parts;
  const clients = new Map<string, Promise<PlatformClient>>();
  return {
    ...parts,
    answers: [],
    signIn(userName) {
      const client = clients.get(userName) ?? platformClient(target.apiUrl, target.identityUrl, userName);
      clients.set(userName, client);
      return client;
    },
    idOf(knowledgeBase) {
      const id = knowledgeBaseIds.get(knowledgeBase);
      if (!id) throw new Error(`The samples have no knowledge base "${knowledgeBase}".`);
      return id;
    },
  };
}
