// Runs before `npm start`, `npm test` and `npm run demo`, on whatever Node the machine has: installs what the lock file
// names when it is not installed yet. It uses nothing but Node itself, because nothing else may be there.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

const MARK = 'node_modules/.installed-lock';
const wanted = createHash('sha256').update(readFileSync('package-lock.json')).digest('hex');
const installed = existsSync(MARK) ? readFileSync(MARK, 'utf8') : '';

if (installed !== wanted) {
  console.log('Installing what package-lock.json names (once; about a minute) …');
  const flags = ['ci', '--no-audit', '--no-fund', '--loglevel=error'];
  const { status } = spawnSync('npm', flags, { stdio: 'inherit', shell: process.platform === 'win32' });
  if (status !== 0) process.exit(status ?? 1);
  writeFileSync(MARK, wanted);
}
