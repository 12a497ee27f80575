// `npm run demo`: the platform's main path in front of your eyes, and a check that it went as it should.
import { setTimeout as sleep } from 'node:timers/promises';
import { askQuestions, askTheUnanswerable } from './demo/ask-questions.ts';
import { checkOtherCompany, checkRestrictedDocument } from './demo/check-access.ts';
import { checkCache } from './demo/check-cache.ts';
import { checkKnowledge } from './demo/check-knowledge.ts';
import { checkMcpClient } from './demo/check-mcp-client.ts';
import { checkModels } from './demo/check-models.ts';
import { checkOpenAiClient } from './demo/check-openai-client.ts';
import { checkTools } from './demo/check-tools.ts';
import { createChecks } from './demo/checks.ts';
import { createDemoContext } from './demo/demo-context.ts';
import { indexDocuments } from './demo/index-documents.ts';
import { openPrivateStack, type PrivateStack } from './demo/private-stack.ts';
import { createScreen } from './demo/screen.ts';
import { printSummary } from './demo/summary.ts';
import { seedKnowledgeBases } from './seed.ts';

const DEADLINE_MS = 3 * 60_000;
const END_MS = 15_000;
/** What a shell reports for a program that such a signal ended. */
const EXIT_CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

const screen = createScreen(process.stdout, process.env);
const startedAt = performance.now();
screen.line(screen.paint('bold', 'Enterprise AI Platform: a demo on a private stack'));
screen.line('Building the app and starting the stack on free ports …');
const opening = openPrivateStack();
const exitCode = await Promise.race([opening.then(demonstrate), interruption(), deadline()]).catch((error: unknown) =>
  fail(error),
);
if (exitCode === 1) await Promise.race([showComplaints(), sleep(END_MS)]);
screen.mute();
// What does not stop in time ends with this process, and the state with it.
await Promise.race([opening.then((stack) => stack.close()).catch(() => undefined), sleep(END_MS)]);
process.exit(exitCode);

/** Shows everything on a running stack; gives the exit code. */
async function demonstrate({ target, failure }: PrivateStack): Promise<number> {
  screen.line(`Ready in ${((performance.now() - startedAt) / 1000).toFixed(1)} s: ${target.apiUrl}`);
  const broken = failure.then((reason) => Promise.reject(new Error(reason)));
  return Promise.race([broken, walkThrough(target)]);
}

async function walkThrough(target: PrivateStack['target']): Promise<number> {
  const checks = createChecks(screen);
  const knowledgeBaseIds = await seedKnowledgeBases(target);
  const context = createDemoContext({ screen, checks, target, knowledgeBaseIds });
  const indexed = await indexDocuments(context);
  await askQuestions(context);
  await checkRestrictedDocument(context, indexed.documents);
  await checkOtherCompany(context);
  await askTheUnanswerable(context);
  await checkKnowledge(context);
  await checkModels(context);
  await checkTools(context);
  await checkCache(context, indexed.documents);
  await checkOpenAiClient(context);
  await checkMcpClient(context);
  printSummary(context, indexed, startedAt);
  return checks.failures.length === 0 ? 0 : 1;
}

/** Resolves with the exit code when somebody ends the demo; a second Ctrl-C does not wait for the stack to stop. */
function interruption(): Promise<number> {
  return new Promise((resolve) => {
    for (const [signal, code] of Object.entries(EXIT_CODES)) {
      let isEnding = false;
      process.on(signal, () => {
        if (isEnding) process.exit(code);
        isEnding = true;
        screen.line('\nStopping …');
        resolve(code);
      });
    }
  });
}

function deadline(): Promise<never> {
  const error = new Error(`The demo did not finish in ${DEADLINE_MS / 1000} s.`);
  return sleep(DEADLINE_MS).then(() => Promise.reject(error));
}

/** The log goes with the stack, so whoever has to find the cause needs the worst of it here. */
async function showComplaints(): Promise<void> {
  const lines = await opening.then((stack) => stack.lastComplaints()).catch(() => '');
  if (lines) screen.line(`\nWhat the app complained about last:\n${lines}`);
}

function fail(error: unknown): number {
  const { message } = error as Error;
  screen.line(`\n${screen.paint('red', `The demo failed: ${message}`)}`);
  return 1;
}
