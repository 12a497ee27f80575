import { expect, it } from 'vitest';
import { measureRequest } from '../../../shared/openai/measure-request.ts';

const nested = (depth: number): object => JSON.parse(`${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`);

it('counts about a token for four characters of any text', () => {
  expect(measureRequest({ messages: [{ content: 'x'.repeat(400) }, { content: [{ text: 'y'.repeat(400) }] }] })).toBe(
    200,
  );
});

it('counts an image by what models take for it, not by its bytes', () => {
  const url = `data:image/png;base64,${'A'.repeat(1_000_000)}`;

  expect(measureRequest({ image_url: { url } })).toBe(1_100);
});

it('counts a text that begins like an image as the text that it is', () => {
  const text = `data:image/png;base64,${'A'.repeat(1_000_000)}`;

  expect(measureRequest({ messages: [{ content: text }] })).toBeGreaterThan(250_000);
  expect(measureRequest({ messages: [{ content: [{ type: 'text', text }] }] })).toBeGreaterThan(250_000);
});

it('refuses what is nested so deep that writing it again could end the process', () => {
  expect(() => measureRequest(nested(64))).not.toThrow();
  expect(() => measureRequest(nested(65))).toThrow('nested deeper than 64');
  expect(() => measureRequest(nested(5_000))).toThrow('nested deeper than 64');
});
