/** For `node --import`: at the signal SIGUSR2 the process collects its garbage and prints what is left, in megabytes. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const BYTES_PER_MEGABYTE = 1024 * 1024;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

process.on('SIGUSR2', () => {
  collect();
  // What weak references held until the first time.
  collect();
  const { heapUsed, external } = process.memoryUsage();
  console.log(JSON.stringify({ aliveMegabytes: (heapUsed + external) / BYTES_PER_MEGABYTE }));
});
