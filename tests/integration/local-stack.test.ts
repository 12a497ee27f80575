import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Agent } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { CosmosClient } from '@azure/cosmos';
import { BlobServiceClient } from '@azure/storage-blob';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { freePorts } from '../../local/ports.ts';
import { type Stack, startApp, startStack } from '../../local/stack.ts';

const stackModule = fileURLToPath(new URL('../../local/stack.ts', import.meta.url));
let stateDirectory: string;
let stack: Pick<Stack, 'stop'> | undefined;

beforeEach(() => {
  stateDirectory = mkdtempSync(join(tmpdir(), 'stack-'));
});

afterEach(async () => {
  await stack?.stop();
  stack = undefined;
  rmSync(stateDirectory, { recursive: true, force: true });
});

type Running = Pick<Stack, 'urls' | 'env'>;

async function documentsOf({ env }: Running) {
  const client = new CosmosClient({
    endpoint: env.COSMOS_ENDPOINT ?? '',
    key: env.COSMOS_KEY ?? '',
    agent: new Agent({ ca: readFileSync(env.NODE_EXTRA_CA_CERTS ?? '') }),
    connectionPolicy: { enableEndpointDiscovery: false },
  });
  const { database } = await client.databases.createIfNotExists({ id: env.COSMOS_DATABASE ?? '' });
  return (await database.containers.createIfNotExists({ id: 'things', partitionKey: { paths: ['/id'] } })).container;
}

function blobsOf({ env }: Running) {
  return BlobServiceClient.fromConnectionString(env.PlatformStorage ?? '').getContainerClient('things');
}

function isUp(url: string): Promise<boolean> {
  return fetch(url).then(
    () => true,
    () => false,
  );
}

/** Starts a stack in a process of its own, as `npm start` does. */
async function startElsewhere(): Promise<Running & { process: ChildProcess }> {
  const program = `
    const { startStack } = await import(${JSON.stringify(stackModule)});
    const { urls, env } = await startStack({ ports: 'free', stateDirectory: ${JSON.stringify(stateDirectory)} });
    console.log(JSON.stringify({ urls, env }));`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  return { ...(JSON.parse(line) as Running), process: child };
}

function writeApp(main: string): string {
  const directory = join(stateDirectory, 'app');
  mkdirSync(directory);
  writeFileSync(join(directory, 'package.json'), JSON.stringify({ name: 'app', type: 'module', main: 'main.js' }));
  writeFileSync(join(directory, 'host.json'), JSON.stringify({ version: '2.0' }));
  writeFileSync(join(directory, 'main.js'), main);
  return directory;
}

it('leaves no process behind when it is killed, and finds its state again', async () => {
  const first = await startElsewhere();
  await (await documentsOf(first)).items.create({ id: 'kept', n: 1 });
  await blobsOf(first).createIfNotExists();
  await blobsOf(first).getBlockBlobClient('kept').upload('kept', 4);
  const token = await (await fetch(`${first.urls.identity}/token?user=alice`)).text();
  first.process.kill('SIGKILL');
  for (const url of [first.urls.blob, first.urls.models, first.urls.identity]) {
    await vi.waitFor(async () => expect(await isUp(url)).toBe(false), { timeout: 5000 });
  }

  const second = await startStack({ ports: 'free', stateDirectory });
  stack = second;
  expect((await (await documentsOf(second)).item('kept', 'kept').read()).resource).toMatchObject({ n: 1 });
  expect((await blobsOf(second).getBlockBlobClient('kept').downloadToBuffer()).toString()).toBe('kept');
  const { keys } = (await (await fetch(`${second.urls.identity}/common/discovery/v2.0/keys`)).json()) as {
    keys: { kid: string }[];
  };
  const header = JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()) as { kid: string };
  expect(keys.map(({ kid }) => kid)).toContain(header.kid);
});

it('gives an app its settings, and says why one does not start', async () => {
  const running = await startStack({
    ports: 'free',
    stateDirectory,
    embedding: 'hashing',
    environment: { OPENAI_MODEL: 'x' },
  });
  stack = running;
  expect(running.env).toMatchObject({
    AZURE_OPENAI_EMBEDDING_DEPLOYMENT: 'local-hashing-embedding',
    OPENAI_MODEL: 'x',
  });
  const directory = writeApp('console.log("settings", process.env.COSMOS_ENDPOINT, process.env.EXTRA);');
  const lines: string[] = [];
  const app = await running.startApp({ directory, env: { EXTRA: 'more' }, onLine: (line) => lines.push(line) });
  expect(await isUp(app.url)).toBe(true);
  expect(lines.join('\n')).toContain(`settings ${running.urls.cosmos} more`);
  expect(readFileSync(app.logFile, 'utf8')).toContain('settings');
  await app.kill();
  expect(await isUp(app.url)).toBe(false);
  writeFileSync(join(directory, 'main.js'), 'throw new Error("a broken app");');
  await expect(running.startApp({ directory })).rejects.toThrow('a broken app');
});

it('bounds the heap of an app, and leaves a thread the limits that the app gives it', async () => {
  const directory = writeApp(`
    import { getHeapStatistics } from 'node:v8';
    import { Worker, isMainThread, parentPort } from 'node:worker_threads';
    const limit = getHeapStatistics().heap_size_limit / 2 ** 20;
    if (isMainThread) {
      const thread = new Worker(new URL(import.meta.url), {
        resourceLimits: { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 8 },
      });
      console.log(JSON.stringify({ limit, limitOfThread: await new Promise((tell) => thread.once('message', tell)) }));
    } else parentPort.postMessage(limit);`);
  const lines: string[] = [];
  const app = await startApp(
    { directory, onLine: (line) => lines.push(line) },
    { AzureWebJobsStorage: 'UseDevelopmentStorage=true' },
    join(stateDirectory, 'app.log'),
  );
  await app.kill();
  const told = JSON.parse(lines.find((line) => line.includes('limitOfThread')) ?? '{}');
  expect(told.limit).toBeLessThan(1100);
  expect(told.limitOfThread).toBeLessThan(100);
});

it('refuses a taken port and starts nothing', async () => {
  stack = await startStack({ ports: 'free', stateDirectory });
  const taken = Number(new URL((stack as Stack).urls.qdrant).port);
  const second = startStack({ ports: { ...freePorts, qdrant: taken }, stateDirectory: join(stateDirectory, 'second') });
  await expect(second).rejects.toThrow(
    `Port ${taken} (Qdrant server) is taken. Stop what uses it or set LOCAL_QDRANT_PORT.`,
  );
});
