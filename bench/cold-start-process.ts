/**
 * One cold start: `node bench/cold-start-process.ts APP_DIRECTORY IDENTITY_URL` imports the bundle in this fresh process and
 * prints, as JSON, the milliseconds from the begin of the import until it was loaded and until it gave its first answers.
 */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { installCoreModule } from '../local/functions-host/core-module.ts';
import { startFunctionsHost } from '../local/functions-host/host.ts';
import { tokenFor } from '../local/platform-client.ts';

const [appDirectory = '', identityUrl = ''] = process.argv.slice(2);
const quiet = () => undefined;

/** Fails for anything but 200, so that no refusal is taken for a quick answer. */
async function get(url: string, headers: HeadersInit = {}): Promise<void> {
  const response = await fetch(url, { headers });
  await response.text();
  if (response.status !== 200) throw new Error(`${url} answered ${response.status}.`);
}

if (identityUrl === '') {
  // Without a core module the library warns about each function that it cannot register.
  installCoreModule(quiet, '4.0.0');
  const startedAt = performance.now();
  await import(pathToFileURL(join(appDirectory, 'main.js')).href);
  console.log(JSON.stringify({ loaded: performance.now() - startedAt }));
} else {
  // The first use of fetch in a process is slow itself, so it is made before the clock starts.
  const authorization = `Bearer ${await tokenFor(identityUrl, 'kim')}`;
  const startedAt = performance.now();
  const { url } = await startFunctionsHost({ appDirectory, port: 0, log: quiet });
  await get(`${url}/health/live`);
  const live = performance.now() - startedAt;
  await get(`${url}/api/v1/me`, { authorization });
  console.log(JSON.stringify({ live, me: performance.now() - startedAt }));
}
process.exit();
