import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { buildApp } from '../build.ts';
import { demoPolicies } from './demo-policies.ts';
import { assertPortsFree, readPorts } from './ports.ts';
import { prepareStores } from './seed.ts';
import { startStack } from './stack.ts';

const NOT_INSTALLED =
  'Azure Functions Core Tools 4 (`func`) are not installed. Install them, or use `npm start`, which needs nothing.';

/** Runs the app in the real Functions host on the same emulators as `npm start`, until `func` ends. */
async function startFunc(): Promise<number> {
  const ports = readPorts(process.env);
  await assertPortsFree(ports);
  const [stack] = await Promise.all([
    startStack({ ports, stateDirectory: resolve('.local'), environment: process.env }),
    buildApp('dist'),
  ]);
  process.on('SIGINT', () => undefined);
  try {
    await prepareStores(stack.env, demoPolicies);
    const func = spawn('func', ['start', '--port', String(ports.app)], {
      stdio: 'inherit',
      env: { ...process.env, ...stack.env },
      shell: process.platform === 'win32',
    });
    const [code] = await once(func, 'exit');
    return code ?? 0;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw new Error(NOT_INSTALLED);
    throw error;
  } finally {
    await stack.stop();
  }
}

try {
  process.exitCode = await startFunc();
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
