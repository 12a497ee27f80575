import { resolve } from 'node:path';
import { ensureApp } from './built-app.ts';
import { demoPolicies } from './demo-policies.ts';
import { people, tenants } from './people.ts';
import { assertPortsFree, readPorts } from './ports.ts';
import { prepareStores, type SeedTarget, seedDocuments, seedKnowledgeBases } from './seed.ts';
import { type App, type Stack, startStack } from './stack.ts';
import { watchIndexing } from './watch-indexing.ts';
import { welcome } from './welcome.ts';

const STATE_DIRECTORY = resolve('.local');
const APP_DIRECTORY = resolve('.local/app');

async function start(): Promise<void> {
  const startedAt = performance.now();
  const ports = readPorts(process.env);
  await assertPortsFree(ports);
  const [stack] = await Promise.all([
    startStack({ ports, stateDirectory: STATE_DIRECTORY, environment: process.env }),
    ensureApp(APP_DIRECTORY),
  ]);
  process.once('SIGINT', () => stop(stack));
  process.once('SIGTERM', () => stop(stack));
  await prepareStores(stack.env, demoPolicies);
  const app = await stack.startApp({ env: localSettings(), directory: APP_DIRECTORY });
  const target = { apiUrl: app.url, identityUrl: stack.urls.identity, storage: stack.env.PlatformStorage ?? '' };
  const knowledgeBaseIds = await seedKnowledgeBases(target);
  console.log(welcome({ app, stack, handbookId: knowledgeBaseIds.get('handbook') ?? '', startedAt }));
  await indexSamples(target, knowledgeBaseIds);
  await endWith(stack, app);
}

/** Settings that a developer may pass through, and the development bypass, which only ever works locally. */
function localSettings(): Record<string, string> {
  const ada = people.find(({ userName }) => userName === 'ada');
  return {
    LOG_LEVEL: process.env.LOG_LEVEL ?? 'info',
    METRICS_KEY: process.env.METRICS_KEY ?? 'local-metrics-key',
    CORS_ORIGINS: process.env.CORS_ORIGINS ?? 'http://localhost:5173,http://127.0.0.1:5173',
    AUTH_DEV_BYPASS: 'true',
    AUTH_DEV_CLAIMS: JSON.stringify({ ...ada, tid: tenants.contoso.tid }),
  };
}

async function indexSamples(target: SeedTarget, knowledgeBaseIds: ReadonlyMap<string, string>): Promise<void> {
  try {
    await seedDocuments(target, knowledgeBaseIds);
    await watchIndexing(target, knowledgeBaseIds, (line) => console.log(line));
  } catch (error) {
    if (!isStopping) console.error(`The sample documents could not be indexed: ${(error as Error).message}`);
  }
}

async function endWith(stack: Stack, app: App): Promise<void> {
  const reason = await Promise.race([stack.failure, app.exited.then((lines) => `The app ended:\n${lines}`)]);
  if (isStopping) return;
  console.error(reason);
  process.exitCode = 1;
  await stack.stop();
}

let isStopping = false;

async function stop(stack: Stack): Promise<void> {
  isStopping = true;
  console.log('\nStopping …');
  await stack.stop();
  process.exit(0);
}

try {
  await start();
} catch (error) {
  console.error((error as Error).message);
  process.exit(1);
}
