import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type LocalProcess, startLocalProcess } from '../local/child-process.ts';
import type { PlatformClient } from '../local/platform-client.ts';
import type { App } from '../local/stack.ts';
import type { ChatAnswer } from '../shared/contracts/chat.ts';
import { isSettled, type KnowledgeDocument } from '../shared/contracts/documents.ts';
import type { LoadResult } from './chat-load.ts';
import { type ChatRun, reportChat } from './chat-report.ts';
import { sharesOfProfile } from './cpu-profile.ts';
import { makeDocument, makeText } from './made-documents.ts';
import { createKnowledgeBase, type PrivateStack, signIn, withPrivateStack } from './private-stack.ts';
import { processorMicroseconds } from './process-usage.ts';
import type { Report } from './report.ts';
import { runLoad } from './run-load.ts';

const ROUNDS = 3;
/** How many senders, and how many requests they send in a round. */
const LOADS = [
  { parallel: 1, requests: 24 },
  { parallel: 16, requests: 160 },
  { parallel: 64, requests: 256 },
] as const;
const WARM_UP = 16;
const WARM_UP_REQUESTS = 160;
const SESSIONS = 64;
const DOCUMENTS = 8;
const IDLE_MILLISECONDS = 3_000;
const QUESTION_CHARACTERS = 80;
const POLL_MILLISECONDS = 100;
const MOCK = fileURLToPath(new URL('./mock-model-server.ts', import.meta.url));

/** Sends the same questions to a mock model directly and through the app, with everything on. */
export async function measureChat(): Promise<Report> {
  return withPrivateStack(async (privateStack) => {
    const logFile = join(privateStack.appDirectory, '..', 'mock.log');
    const mock = await startLocalProcess({ name: 'mock model server', entry: MOCK, logFile });
    try {
      const prepared = await prepare(privateStack, mock);
      const fast = await withApp(privateStack, mock, 'fast', (app) => measureLoads(prepared, mock, app, 'fast'));
      const paced = await withApp(privateStack, mock, 'paced', (app) => measureLoads(prepared, mock, app, 'paced'));
      const shares = await profile(privateStack, mock, prepared);
      return reportChat({ fast, paced, shares });
    } finally {
      await mock.stop();
    }
  });
}

type Deployment = 'fast' | 'paced';

function settings(mock: LocalProcess, deployment: Deployment): Record<string, string> {
  return { AZURE_OPENAI_ENDPOINT: mock.ready.url ?? '', AZURE_OPENAI_CHAT_DEPLOYMENT: deployment };
}

async function withApp<T>(
  { startApp }: PrivateStack,
  mock: LocalProcess,
  deployment: Deployment,
  run: (app: App) => Promise<T>,
): Promise<T> {
  const app = await startApp({ env: settings(mock, deployment) });
  try {
    return await run(app);
  } finally {
    await app.stop();
  }
}

/** Who asks, and a session with a first turn for each of those who ask at the same time. */
interface Prepared {
  readonly authorization: string;
  readonly bodies: readonly { readonly message: string; readonly sessionId: string }[];
}

function prepare(privateStack: PrivateStack, mock: LocalProcess): Promise<Prepared> {
  return withApp(privateStack, mock, 'fast', async (app) => {
    const keeper = await signIn(app, privateStack.stack);
    const { id } = await createKnowledgeBase(keeper, 'Chat');
    for (let number = 0; number < DOCUMENTS; number += 1) await upload(keeper, id, number);
    const bodies: { message: string; sessionId: string }[] = [];
    for (let number = 0; number < SESSIONS; number += 1) {
      const message = makeText(number % DOCUMENTS, QUESTION_CHARACTERS);
      const first = { message, knowledgeBaseIds: [id] };
      const { sessionId } = await keeper.must<ChatAnswer>('POST', '/api/v1/chat', first);
      bodies.push({ message, sessionId });
    }
    return { authorization: `Bearer ${keeper.token}`, bodies };
  });
}

async function upload(keeper: PlatformClient, knowledgeBaseId: string, number: number): Promise<void> {
  const { name, content } = await makeDocument(number, 'md');
  const path = `/api/v1/knowledge-bases/${knowledgeBaseId}/documents`;
  const { body } = await keeper.upload<KnowledgeDocument>(path, name, content);
  for (let status = body.status; status !== 'ready'; ) {
    if (isSettled(status)) throw new Error(`${name} could not be indexed.`);
    await sleep(POLL_MILLISECONDS);
    status = (await keeper.must<KnowledgeDocument>('GET', `${path}/${body.id}`)).status;
  }
}

/** Interleaves rounds of direct calls and of calls through the app; a paced answer is only streamed. */
async function measureLoads(
  prepared: Prepared,
  mock: LocalProcess,
  app: App,
  deployment: Deployment,
): Promise<ChatRun[]> {
  const idle = await idleShare(app);
  const runs: ChatRun[] = [];
  await askApp(prepared, app, { kind: 'stream', parallel: WARM_UP, requests: WARM_UP_REQUESTS });
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const { parallel, requests } of LOADS) {
      for (const kind of deployment === 'fast' ? (['json', 'stream'] as const) : (['stream'] as const)) {
        const load = { kind, parallel, requests };
        const direct = await askDirectly(prepared, mock, deployment, load);
        const before = processorMicroseconds(app.pid);
        const through = await askApp(prepared, app, load);
        const used = processorMicroseconds(app.pid) - before - idle * through.seconds * 1e6;
        runs.push({ ...load, direct, through, processorMicroseconds: used / requests });
      }
    }
  }
  return runs;
}

/** Which share of a core the app and the local host use when nobody asks: they look for messages and blobs. */
async function idleShare(app: App): Promise<number> {
  await sleep(IDLE_MILLISECONDS);
  const before = processorMicroseconds(app.pid);
  await sleep(IDLE_MILLISECONDS);
  return (processorMicroseconds(app.pid) - before) / (IDLE_MILLISECONDS * 1000);
}

type Kind = Pick<ChatRun, 'kind' | 'parallel' | 'requests'>;

function askApp({ authorization, bodies }: Prepared, app: App, { kind, parallel, requests }: Kind) {
  const isStream = kind === 'stream';
  return runLoad({
    url: `${app.url}/api/v1/chat${isStream ? '/stream' : ''}`,
    authorization,
    bodies: bodies.slice(0, parallel),
    requests,
    ...(isStream && { firstToken: '"text-delta"' }),
  });
}

function askDirectly(
  { bodies }: Prepared,
  mock: LocalProcess,
  deployment: Deployment,
  { kind, parallel, requests }: Kind,
): Promise<LoadResult> {
  const isStream = kind === 'stream';
  return runLoad({
    url: `${mock.ready.url}/openai/deployments/${deployment}/chat/completions?api-version=2024-10-21`,
    authorization: '',
    bodies: bodies.slice(0, parallel).map(({ message }) => ({
      model: deployment,
      messages: [{ role: 'user', content: message }],
      ...(isStream && { stream: true, stream_options: { include_usage: true } }),
    })),
    requests,
    ...(isStream && { firstToken: '"content"' }),
  });
}

/** The shares of the app's processor time in streams, from a profile of an instance of its own. */
async function profile(privateStack: PrivateStack, mock: LocalProcess, prepared: Prepared) {
  const directory = join(privateStack.appDirectory, '..', 'profile');
  const NODE_OPTIONS = `--cpu-prof --cpu-prof-dir=${directory}`;
  const app = await privateStack.startApp({ env: { ...settings(mock, 'fast'), NODE_OPTIONS } });
  for (const { parallel, requests } of LOADS) await askApp(prepared, app, { kind: 'stream', parallel, requests });
  await app.stop();
  return sharesOfProfile(directory);
}
