import { rmSync } from 'node:fs';
import { assertPortsFree, readPorts } from './ports.ts';

// `npm run reset`: forgets everything that the local stack knows.
try {
  await assertPortsFree(readPorts(process.env), 0);
  rmSync('.local', { recursive: true, force: true });
  console.log('The local state is gone. `npm start` begins anew.');
} catch (error) {
  console.error(`Nothing was forgotten. Stop the local stack before you reset it:\n${(error as Error).message}`);
  process.exitCode = 1;
}
