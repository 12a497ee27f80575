/** The least that a proxy in Node can cost: bytes through, nothing else. Prints `{"url":…}`; `UPSTREAM_URL` is asked. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { Agent } from 'undici';

const agent = new Agent();
const { origin, pathname } = new URL(process.env.UPSTREAM_URL ?? '');

const server = createServer(async (message, response) => {
  const body = await buffer(message);
  const headers = { 'content-type': 'application/json' };
  agent.dispatch(
    { origin, path: pathname, method: 'POST', headers, body },
    {
      onRequestStart: () => undefined,
      onResponseStart: (_controller, status, answered) => {
        response.writeHead(status, { 'content-type': String(answered['content-type']) });
      },
      onResponseData: (_controller, chunk) => void response.write(chunk),
      onResponseEnd: () => void response.end(),
      onResponseError: () => void response.destroy(),
    },
  );
});
server.listen(0, '127.0.0.1', () => {
  console.log(JSON.stringify({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }));
});
process.once('disconnect', () => process.exit());
