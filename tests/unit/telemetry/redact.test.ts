import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLogger } from '../../../shared/telemetry/logger.ts';
import { redact, redactText } from '../../../shared/telemetry/redact.ts';

/** The one line that the logger writes for some fields. */
function lineOf(fields: Readonly<Record<string, unknown>>): string {
  const lines: string[] = [];
  createLogger('info', (line) => lines.push(line)).info('event', fields);
  expect(lines).toHaveLength(1);
  return lines[0] ?? '';
}

const base64url = fc.string({
  unit: fc.constantFrom(...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'),
  minLength: 24,
  maxLength: 80,
});
const jwt = fc.tuple(base64url, base64url, base64url).map(([head, claims, sign]) => `eyJ${head}.eyJ${claims}.${sign}`);

/** Each way in which a secret may come near a log line. */
const places: readonly [string, fc.Arbitrary<string>, (secret: string) => Record<string, unknown>][] = [
  ['an authorization header', base64url, (secret) => ({ headers: { Authorization: `Bearer ${secret}` } })],
  ['a header in a list', base64url, (secret) => ({ requests: [{ headers: { 'api-key': secret, cookie: secret } }] })],
  ['the text of a header', base64url, (secret) => ({ reason: `sent authorization: Basic ${secret}, got 401` })],
  ['a bearer token in text', base64url, (secret) => ({ reason: `with Bearer ${secret} refused` })],
  ['a SAS', base64url, (secret) => ({ url: `https://a.blob.core.windows.net/c/b?sv=2024&sig=${secret}&se=2030` })],
  ['a URL', base64url, (secret) => ({ url: new URL(`https://a.example/?sig=${secret}`) })],
  ['the password of a URL', base64url, (secret) => ({ endpoint: `https://user:${secret}@qdrant.example/` })],
  [
    'a connection string',
    base64url,
    (secret) => ({
      reason: `DefaultEndpointsProtocol=https;AccountName=a;AccountKey=${secret}==;EndpointSuffix=core.windows.net`,
    }),
  ],
  [
    'a setting',
    base64url,
    (secret) => ({ AZURE_OPENAI_API_KEY: secret, cosmos: { key: secret }, client_secret: secret }),
  ],
  ['a setting in text', base64url, (secret) => ({ reason: `{"apiKey":"${secret}","password":"${secret}"}` })],
  ['an API key of ours', base64url, (secret) => ({ reason: `eap_key_01M84MSCMH7W5CRJHYMQBQH25P_${secret} was sent` })],
  ['a JWT', jwt, (secret) => ({ reason: `token ${secret} is not accepted` })],
  ['a JWT at the place where text is cut', jwt, (secret) => ({ reason: `${'x'.repeat(1_980)} ${secret}` })],
  [
    'the cause of the cause of an error',
    jwt,
    (secret) => {
      const inner = new Error(`GET https://a.example/?code=${secret}`);
      return { error: new Error('outer', { cause: new TypeError('middle', { cause: inner }) }) };
    },
  ],
  [
    'message text',
    base64url,
    (secret) => ({ chat: { message: secret, prompt: [secret], answer: secret, query: secret } }),
  ],
  ['bytes', base64url, (secret) => ({ part: Buffer.from(secret), parts: [new Uint8Array(Buffer.from(secret))] })],
];

describe('a log line', () => {
  it.each(places)('never contains a secret that came in %s', (_name, secrets, fieldsWith) => {
    fc.assert(
      fc.property(secrets, (secret) => {
        const line = lineOf(fieldsWith(secret));
        expect(line).not.toContain(secret);
        for (const part of secret.split('.')) expect(line).not.toContain(part);
        expect(line).not.toContain(JSON.stringify([...Buffer.from(secret)]).slice(1, -1));
      }),
      { numRuns: 50 },
    );
  });

  it('keeps what helps to find the cause', () => {
    const error = Object.assign(new Error('Read failed', { cause: new Error('socket hang up') }), {
      code: 'ECONNRESET',
    });
    const line = JSON.parse(lineOf({ status: 503, inputTokens: 12, at: new Date(0), error })) as Record<
      string,
      unknown
    >;

    expect(line).toMatchObject({
      level: 'info',
      event: 'event',
      status: 503,
      inputTokens: 12,
      at: '1970-01-01T00:00:00.000Z',
      error: { type: 'Error', code: 'ECONNRESET', reason: 'Read failed', cause: { reason: 'socket hang up' } },
    });
  });
});

describe('redaction', () => {
  it('leaves ordinary text alone', () => {
    const text = 'The basic question: who has the key to room 12? Ask at https://a.example/?page=2.';

    expect(redactText(text)).toBe(text);
  });

  it('cuts long text and ends at some depth', () => {
    const circle: Record<string, unknown> = {};
    circle.self = circle;

    expect(redactText('x'.repeat(5_000))).toHaveLength(2_001);
    expect(JSON.stringify(redact(circle))).toContain('[deep]');
  });

  it('takes time in proportion to the text', () => {
    const startedAt = performance.now();
    redactText(`authorization: ${'Bearer '.repeat(20_000)}${'eyJ'.repeat(20_000)}${'//a:'.repeat(20_000)}`);

    expect(performance.now() - startedAt).toBeLessThan(2_000);
  });
});
