/** Portkey's gateway as it comes from npm. Prints `{"url":…}` once it listens. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MILLISECONDS = 50;

/** A port that nobody has; Portkey cannot say which one it was given. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function listens(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  const isOpen = await once(socket, 'connect').then(
    () => true,
    () => false,
  );
  socket.destroy();
  return isOpen;
}

const port = await freePort();
process.argv.push(`--port=${port}`, '--headless');
process.once('disconnect', () => process.exit());
await import(import.meta.resolve('@portkey-ai/gateway/build/start-server.js'));
while (!(await listens(port))) await sleep(POLL_MILLISECONDS);
console.log(JSON.stringify({ url: `http://127.0.0.1:${port}` }));
