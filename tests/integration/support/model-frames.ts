import type { ServerResponse } from 'node:http';
import { type Answer, json } from '../scripted-server.ts';

export const frame = (value: unknown) => `data: ${JSON.stringify(value)}\n\n`;
export const token = (content: string) => frame({ model: 'gpt-x', choices: [{ index: 0, delta: { content } }] });
export const finished = (reason: string) => frame({ choices: [{ index: 0, delta: {}, finish_reason: reason }] });
export const USAGE = frame({
  choices: [],
  usage: { prompt_tokens: 12, completion_tokens: 3, prompt_tokens_details: { cached_tokens: 8 } },
});
export const DONE = 'data: [DONE]\n\n';

export function open(response: ServerResponse, ...frames: string[]): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.flushHeaders();
  for (const part of frames) response.write(part);
}

export function stream(...frames: string[]): Answer {
  return (response) => {
    open(response, ...frames);
    response.end();
  };
}

export const failure = (status: number, code: string, headers: Record<string, string> = {}) =>
  json(status, { error: { code, message: `failed with ${code}` } }, headers);

export const whole = stream(token('30'), token(' days'), finished('stop'), USAGE, DONE);
