/** Runs the model server as a process: prints `{"url":…}` when it listens, ends when stdin or the channel to its parent closes. */
import { parseArgs } from 'node:util';
import { startModelServer } from './server.ts';

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    'state-directory': { type: 'string', default: '.local/model-server' },
  },
});

const server = await startModelServer({ port: Number(values.port), stateDirectory: values['state-directory'] });
const end = () => void server.stop().finally(() => process.exit(0));

if (process.channel) process.once('disconnect', end);
else process.stdin.on('end', end).resume();
process.once('SIGTERM', end);
process.once('SIGINT', end);

process.stdout.write(`${JSON.stringify({ url: server.url })}\n`);
