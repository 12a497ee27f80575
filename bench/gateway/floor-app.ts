/** The least that an app on Azure Functions can cost: bytes through `@azure/functions`, nothing else. */
import { app } from '@azure/functions';
import { request } from 'undici';

app.setup({ enableHttpStream: true });
app.http('forward', {
  route: 'openai/v1/chat/completions',
  methods: ['POST'],
  authLevel: 'anonymous',
  async handler(message) {
    const body = new Uint8Array(await message.arrayBuffer());
    const headers = { 'content-type': 'application/json' };
    const answer = await request(process.env.UPSTREAM_URL ?? '', { method: 'POST', headers, body });
    const type = String(answer.headers['content-type']);
    return { status: answer.statusCode, headers: { 'content-type': type }, body: answer.body };
  },
});
