import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** Runs the unit tests with cases that no run drew before; more arguments go to Vitest. */
const seed = String(Date.now() % 2 ** 31);
console.log(`PROPERTY_SEED=${seed}`);
const vitest = spawn('vitest', ['run', '--project', 'unit', ...process.argv.slice(2)], {
  stdio: 'inherit',
  env: { ...process.env, PROPERTY_SEED: seed },
});
const [code] = await once(vitest, 'exit');
process.exitCode = typeof code === 'number' ? code : 1;
