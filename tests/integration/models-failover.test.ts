import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, json, type ScriptedServer, startScriptedServer } from './scripted-server.ts';
import { DONE, failure, finished, frame, open, stream, token, USAGE, whole } from './support/model-frames.ts';
import { collect, gatewayAt, type Place, quickChat, request, userWith } from './support/model-gateways.ts';

let servers: readonly [ScriptedServer, ScriptedServer];

beforeAll(async () => {
  servers = await Promise.all([startScriptedServer(), startScriptedServer()]);
});
afterAll(() => Promise.all(servers.map((server) => server.stop())));

/** Two regions, the first of which is asked first. */
function twoRegions(first: Partial<Place> = {}, second: Partial<Place> = {}): Record<string, Place> {
  const [eu, us] = servers;
  return { eu: { url: eu.url, priority: 1, ...first }, us: { url: us.url, priority: 2, ...second } };
}

const script = (first: readonly Answer[], second: readonly Answer[] = [whole]) => {
  servers[0].answer(...first);
  servers[1].answer(...second);
};
const calls = () => servers.map(({ requests }) => requests.length);

describe('a failure before the first token', () => {
  it.each<[string, Answer]>([
    ['429', failure(429, 'busy')],
    ['500', failure(500, 'broken')],
    ['503', failure(503, 'busy', { 'retry-after': '1' })],
    ['a wrong key', failure(401, 'denied')],
    ['a deployment that is not there', failure(404, 'DeploymentNotFound')],
    ['a cut connection', (response) => void response.destroy()],
    ['an error as the first frame', stream(frame({ error: { message: 'sorry' } }))],
    ['a stream that ends without a token', stream(frame({ choices: [] }), DONE)],
    ['an answer that is none', json(200, { nothing: true })],
  ])('lets another region answer, once: %s', async (_, answer) => {
    script([answer]);
    const { text, region, attempts, error } = await collect(gatewayAt(twoRegions()));
    expect({ text, region, attempts, error }).toEqual({ text: '30 days', region: 'us', attempts: 2, error: null });
    expect(calls()).toEqual([1, 1]);
  });

  it('is also silence: the socket is closed, and another region answers', async () => {
    const closed = Promise.withResolvers<void>();
    script([
      (response) => {
        response.on('close', closed.resolve);
        open(response, frame({ choices: [] }));
      },
    ]);
    const { text, region } = await collect(gatewayAt(twoRegions(), { limits: { ...quickChat, firstToken: 80 } }));
    expect([text, region]).toEqual(['30 days', 'us']);
    await closed.promise;
  });

  it('is also a region that cannot be reached', async () => {
    const gone = await startScriptedServer();
    await gone.stop();
    script([]);
    expect((await collect(gatewayAt(twoRegions({ url: gone.url })))).region).toBe('us');
  });

  it.each([
    [400, 'content_filter', 'content_filtered'],
    [400, 'context_length_exceeded', 'context_too_long'],
    [422, 'bad_temperature', 'bad_request'],
  ])('that every region would repeat is told at once, and nothing cools: %s %s', async (status, upstream, code) => {
    script([failure(status, upstream), whole]);
    const gateway = gatewayAt(twoRegions());
    expect((await collect(gateway)).error).toMatchObject({ code });
    expect(calls()).toEqual([1, 0]);
    expect((await collect(gateway)).region).toBe('eu');
  });

  it('spends one budget of attempts, and tells of the last one', async () => {
    script([failure(500, 'broken')], [failure(500, 'broken')]);
    const { error } = await collect(gatewayAt(twoRegions(), { limits: { ...quickChat, attempts: 4 } }));
    expect(error).toMatchObject({ code: 'upstream_failed' });
    expect(calls()[0]).toBe(2);
    expect(calls()[1]).toBe(2);
  });

  it('spends one budget of time', async () => {
    const late: Answer = (response, seen) => {
      setTimeout(() => failure(500, 'broken')(response, seen), 60);
    };
    script([late], [late]);
    const startedAt = performance.now();
    const { error } = await collect(gatewayAt(twoRegions(), { limits: { ...quickChat, attempts: 50, deadline: 200 } }));
    expect(error).toMatchObject({ code: 'upstream_failed' });
    expect(performance.now() - startedAt).toBeLessThan(2_000);
    expect(calls().reduce((sum, count) => sum + count)).toBeLessThanOrEqual(5);
  });
});

describe('a throttled region', () => {
  it.each<[string, Record<string, string>]>([
    ['milliseconds', { 'retry-after-ms': '30000' }],
    ['seconds', { 'retry-after': '30' }],
    ['a date', { 'retry-after': new Date(Date.now() + 30_000).toUTCString() }],
    ['a day', { 'retry-after': '86400' }],
    ['nothing', {}],
  ])('is left alone for as long as it asks, within reason: %s', async (_, headers) => {
    let now = Date.now();
    script([failure(429, 'busy', headers), whole]);
    const gateway = gatewayAt(twoRegions(), { now: () => new Date(now) });
    expect((await collect(gateway)).region).toBe('us');
    expect((await collect(gateway)).region).toBe('us');
    expect(calls()[0]).toBe(1);
    now += 60_000;
    expect((await collect(gateway)).region).toBe('eu');
  });

  it('makes a request fail at once when all are, with the shortest wait and no call upstream', async () => {
    script([failure(429, 'busy', { 'retry-after': '40' })], [failure(429, 'busy', { 'retry-after': '20' })]);
    const gateway = gatewayAt(twoRegions());
    const told = { code: 'too_many_requests', retryAfterSeconds: 20 };
    expect((await collect(gateway)).error).toMatchObject(told);
    expect(calls()).toEqual([1, 1]);
    expect((await collect(gateway)).error).toMatchObject(told);
    expect(calls()).toEqual([1, 1]);
  });

  it('is known to other instances, who find out without any request waiting', async () => {
    const known = new Map<string, number>();
    const cooldowns = {
      read: async () => new Map(known),
      write: async (key: string, until: number) => void known.set(key, until),
    };
    script([failure(429, 'busy', { 'retry-after': '30' }), whole]);
    const [one, other] = [gatewayAt(twoRegions(), { cooldowns }), gatewayAt(twoRegions(), { cooldowns })];
    await collect(one);
    expect([...known.keys()]).toEqual([expect.stringMatching(/^http:.* eu\/chat-1$/)]);
    await collect(other);
    expect((await collect(other)).region).toBe('us');
    expect(calls()[0]).toBeLessThanOrEqual(2);
  });

  it('is not taken for one of the same name at another address', async () => {
    const cooldowns = {
      read: async () => new Map([['http://127.0.0.1:1 eu/chat-1', Date.now() + 30_000]]),
      write: async () => undefined,
    };
    script([whole, whole]);
    const gateway = gatewayAt(twoRegions(), { cooldowns });
    await collect(gateway);
    expect((await collect(gateway)).region).toBe('eu');
  });
});

describe('an answer that has begun', () => {
  it.each([
    ['falls silent', { stall: 80 }, false],
    ['takes too long', { total: 150 }, true],
  ])('is ended with its socket when it %s, and asked of nobody else', async (_, limits, talksOn) => {
    const closed = Promise.withResolvers<void>();
    script([
      async (response) => {
        response.on('close', closed.resolve);
        open(response, token('30'));
        while (talksOn && !response.destroyed) {
          response.write(token('.'));
          await sleep(5);
        }
      },
    ]);
    const { text, error } = await collect(gatewayAt(twoRegions(), { limits: { ...quickChat, ...limits } }));
    expect([text.slice(0, 2), error]).toEqual(['30', expect.objectContaining({ code: 'upstream_timeout' })]);
    await closed.promise;
    expect(calls()).toEqual([1, 0]);
  });
});

describe('a region that is down', () => {
  it('is not asked for a while, then by one request only, and again by all when that is answered', async () => {
    let now = Date.now();
    const down: Answer = (response) => void response.destroy();
    const probe = Promise.withResolvers<void>();
    const slow: Answer = async (response, seen) => {
      await probe.promise;
      await whole(response, seen);
    };
    script([down, down, down, down, down, slow, whole]);
    const gateway = gatewayAt(twoRegions(), { now: () => new Date(now) });
    for (let asked = 0; asked < 8; asked += 1) expect((await collect(gateway)).region).toBe('us');
    expect(calls()[0]).toBe(5);

    // The breaker measures its ten seconds by the clock of the machine.
    const realNow = Date.now;
    now += 11_000;
    Date.now = () => realNow() + 11_000;
    try {
      const probing = collect(gateway);
      await expect.poll(() => calls()[0]).toBe(6);
      expect((await collect(gateway)).region).toBe('us');
      expect(calls()[0]).toBe(6);
      probe.resolve();
      expect((await probing).region).toBe('eu');
      expect((await collect(gateway)).region).toBe('eu');
    } finally {
      Date.now = realNow;
    }
  });
});

describe('a pinned tenant', () => {
  it('never leaves its regions, whatever happens there', async () => {
    const gateway = gatewayAt(twoRegions());
    for (const answer of [failure(500, 'broken'), failure(429, 'busy', { 'retry-after': '1' }), failure(401, 'no')]) {
      script([answer]);
      const { error } = await collect(gateway, { user: userWith({ residencyRegions: ['eu'] }) });
      expect(error).not.toBeNull();
      expect(calls()[1]).toBe(0);
    }
    const nowhere = await collect(gateway, { user: userWith({ residencyRegions: ['elsewhere'] }) });
    expect(nowhere.error).toMatchObject({ code: 'forbidden' });
  });
});

describe('a conversation', () => {
  it('stays where its prompt is warm', async () => {
    script([whole], [whole]);
    const gateway = gatewayAt(twoRegions({}, { priority: 1 }));
    for (const session of ['a', 'b', 'c', 'd', 'e', 'f']) {
      const asked = { ...request, affinity: session };
      const regions = new Set<string | undefined>();
      for (let turn = 0; turn < 5; turn += 1) regions.add((await collect(gateway, { asked })).region);
      expect(regions.size).toBe(1);
    }
    expect(Math.min(...calls())).toBeGreaterThan(0);
  });
});

describe('under random failures', () => {
  it('every request gets exactly one whole answer, its own, or an error', async () => {
    const served = new Map<string, number>();
    const nonceOf = (body: string) => /nonce-\d+/.exec(body)?.[0] ?? '';
    const cutAfter: Answer = (response) => void response.write(token('…'), () => response.destroy());
    const answer: Answer = (response, { body }) => {
      const nonce = nonceOf(body);
      served.set(nonce, (served.get(nonce) ?? 0) + 1);
      for (const part of [token(' is'), token(' answered'), finished('stop'), USAGE, DONE]) response.write(part);
      response.end();
    };
    const begun =
      (rest: Answer): Answer =>
      (response, seen) => {
        open(response, token(nonceOf(seen.body)));
        return rest(response, seen);
      };
    const outcomes: readonly Answer[] = [
      failure(429, 'busy', { 'retry-after-ms': '1' }),
      failure(500, 'broken'),
      (response) => void response.destroy(),
      begun(cutAfter),
      ...Array.from({ length: 4 }, () => begun(answer)),
    ];
    const random: Answer = (response, seen) => outcomes[Math.floor(Math.random() * outcomes.length)]?.(response, seen);
    script([random], [random]);
    const gateway = gatewayAt(twoRegions({}, { priority: 1 }), { limits: { ...quickChat, attempts: 6 } });
    const answers = await Promise.all(
      Array.from({ length: 200 }, async (_, number) => {
        const nonce = `nonce-${number}`;
        const asked = { ...request, messages: [{ role: 'user' as const, content: nonce }] };
        return { nonce, ...(await collect(gateway, { asked })) };
      }),
    );
    for (const { nonce, text, error, events } of answers) {
      const finishes = events.filter(({ type }) => type === 'finish').length;
      expect(events.filter(({ type }) => type === 'route').length).toBeLessThanOrEqual(1);
      if (error) {
        expect(error).toMatchObject({ name: 'AppError' });
        expect([finishes, served.get(nonce)]).toEqual([0, undefined]);
        expect(['', nonce, `${nonce}…`]).toContain(text);
      } else {
        expect([text, finishes, served.get(nonce)]).toEqual([`${nonce} is answered`, 1, 1]);
      }
    }
    expect(answers.filter(({ error }) => error === null).length).toBeGreaterThan(100);
  });
});
