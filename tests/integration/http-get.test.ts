import type { LookupAddress, LookupOptions, lookup } from 'node:dns';
import type { ServerResponse } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createHttpReader, type HttpReaderOptions } from '../../shared/adapters/http-get/http-reader.ts';
import { isPublicAddress } from '../../shared/adapters/public-address.ts';
import { allowedHosts } from '../../shared/tools/allowed-hosts.ts';
import { type Answer, type ScriptedServer, startScriptedServer } from './scripted-server.ts';

let server: ScriptedServer;
let port: string;

beforeAll(async () => {
  server = await startScriptedServer();
  port = new URL(server.url).port;
});
afterAll(() => server?.stop());

/** A name server that says what a test tells it to: each answer once, the last one always. */
function naming(...answers: readonly (readonly string[])[]): typeof lookup {
  const left = [...answers];
  return ((_: string, options: LookupOptions, done: (error: Error | null, found: LookupAddress[]) => void) => {
    expect(options.all).toBe(true);
    const addresses = (left.length > 1 ? left.shift() : left[0]) ?? [];
    done(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );
  }) as unknown as typeof lookup;
}

const isOurMachine = (address: string) => address === '127.0.0.1';

function read(url: string, hosts: readonly string[], options: HttpReaderOptions = {}) {
  return createHttpReader(options)(new URL(url), allowedHosts(hosts), AbortSignal.timeout(10_000));
}
const readLocal = (path = '/', hosts = [`http://intranet.test:${port}`]) =>
  read(`http://intranet.test:${port}${path}`, hosts, {
    isAllowedAddress: isOurMachine,
    resolve: naming(['127.0.0.1']),
  });

function sending(type: string, body: string | Buffer, headers: Readonly<Record<string, string>> = {}): Answer {
  return (response: ServerResponse) => {
    response.writeHead(200, { 'content-type': type, ...headers });
    response.end(body);
  };
}
const redirecting =
  (location: string): Answer =>
  (response) =>
    void response.writeHead(302, { location }).end();

describe('which hosts may be read', () => {
  it.each([
    ['intranet.contoso.com', 'https://intranet.contoso.com/page?q=1', true],
    ['intranet.contoso.com', 'https://INTRANET.contoso.com:443/', true],
    ['intranet.contoso.com', 'http://intranet.contoso.com/', false],
    ['intranet.contoso.com', 'https://intranet.contoso.com:8443/', false],
    ['https://intranet.contoso.com:8443', 'https://intranet.contoso.com:8443/', true],
    ['http://intranet.contoso.com', 'http://intranet.contoso.com/', true],
    ['http://intranet.contoso.com', 'https://intranet.contoso.com/', false],
    ['intranet.contoso.com', 'https://intranet.contoso.com.evil.test/', false],
    ['intranet.contoso.com', 'https://evil.test/intranet.contoso.com', false],
    ['intranet.contoso.com', 'https://intranet.contoso.com@evil.test/', false],
    ['intranet.contoso.com', 'https://user@intranet.contoso.com/', false],
    ['intranet.contoso.com', 'https://evil.test#@intranet.contoso.com/', false],
    ['intranet.contoso.com', 'https://evil.test\\@intranet.contoso.com/', false],
    ['intranet.contoso.com', 'https://sub.intranet.contoso.com/', false],
    ['contoso.com', 'file:///etc/passwd', false],
    ['contoso.com', 'ftp://contoso.com/', false],
    ['*', 'https://contoso.com/', false],
    ['', 'https://contoso.com/', false],
    ['not a host', 'data:text/plain,hello', false],
  ])('the entry %s and the URL %s: %s', (entry, url, isAllowed) => {
    expect(allowedHosts([entry])(new URL(url))).toBe(isAllowed);
  });
});

describe('which addresses may be connected to', () => {
  it.each(['8.8.8.8', '2606:4700::1111'])('%s', (address) => expect(isPublicAddress(address)).toBe(true));

  it.each([
    '127.0.0.1',
    '127.1.2.3',
    '0.0.0.0',
    '10.0.0.1',
    '172.16.0.1',
    '192.168.1.1',
    '100.64.0.1',
    '169.254.169.254',
    '168.63.129.16',
    '224.0.0.1',
    '255.255.255.255',
    '198.18.0.1',
    '::',
    '::1',
    'fe80::1',
    'fd00:ec2::254',
    '::ffff:127.0.0.1',
    '::ffff:169.254.169.254',
    '::127.0.0.1',
    '64:ff9b::7f00:1',
    '2002:7f00:1::',
    'localhost',
    '',
  ])('not %s', (address) => expect(isPublicAddress(address)).toBe(false));
});

describe('reading a page', () => {
  it('gives its text in its own characters', async () => {
    server.answer(sending('text/html; charset=iso-8859-1', Buffer.from('Gr\xfc\xdfe', 'latin1')));
    expect(await readLocal('/hello?a=1')).toEqual({ status: 200, mediaType: 'text/html', text: 'Grüße', isCut: false });
    expect(server.requests).toMatchObject([{ method: 'GET', path: '/hello?a=1' }]);
    expect(server.requests[0]?.headers).not.toHaveProperty('cookie');
  });

  it.each(['127.0.0.1', '[::1]', '[::ffff:127.0.0.1]', 'localhost', '0x7f.1', '2130706433'])(
    'never connects to %s, even when it is on the list',
    async (host) => {
      server.answer(sending('text/plain', 'secret'));
      const url = `http://${host}:${port}`;
      await expect(read(url, [url])).rejects.toMatchObject({ code: 'forbidden' });
      expect(server.requests).toEqual([]);
    },
  );

  it.each([
    ['a private one', ['10.1.2.3']],
    ['the metadata of the cloud', ['169.254.169.254']],
    ['our own machine', ['127.0.0.1']],
    ['our own machine, mapped', ['::ffff:127.0.0.1']],
    ['a public one and a private one', ['8.8.8.8', '192.168.0.1']],
  ])('never connects to a name with the address of %s', async (_, addresses) => {
    server.answer(sending('text/plain', 'secret'));
    const url = `http://rebinding.test:${port}`;
    await expect(read(url, [url], { resolve: naming(addresses) })).rejects.toMatchObject({ code: 'forbidden' });
    expect(server.requests).toEqual([]);
  });

  it('checks the address of the very connection, whatever the name said before', async () => {
    const resolve = naming(['127.0.0.1'], ['10.0.0.1']);
    server.answer(redirecting('/again'));
    const url = `http://rebinding.test:${port}`;
    const reading = read(url, [url], { isAllowedAddress: isOurMachine, resolve });
    await expect(reading).rejects.toMatchObject({ code: expect.stringMatching(/forbidden|upstream_failed/) });
  });

  it('follows a redirect to a host on the list', async () => {
    server.answer(redirecting('/moved'), sending('application/json', '{"a":1}'));
    expect(await readLocal()).toMatchObject({ text: '{"a":1}' });
    expect(server.requests.map(({ path }) => path)).toEqual(['/', '/moved']);
  });

  it.each([
    ['another host', 'http://evil.test/', 'forbidden'],
    ['another port', 'http://intranet.test:1/', 'forbidden'],
    ['an address', 'http://169.254.169.254/metadata', 'forbidden'],
    ['a user name', `http://evil.test:80@intranet.test/`, 'forbidden'],
    ['another scheme', 'file:///etc/passwd', 'forbidden'],
    ['no URL', 'http://', 'upstream_failed'],
  ])('follows no redirect to %s', async (_, location, code) => {
    server.answer(redirecting(location));
    await expect(readLocal()).rejects.toMatchObject({ code });
    expect(server.requests).toHaveLength(1);
  });

  it('checks the address of a redirect, also when its host is on the list', async () => {
    const hosts = [`http://intranet.test:${port}`, `http://10.0.0.1:${port}`];
    server.answer(redirecting(`http://10.0.0.1:${port}/`));
    await expect(readLocal('/', hosts)).rejects.toMatchObject({ code: 'forbidden' });
  });

  it('gives up after three redirects', async () => {
    server.answer(redirecting('/again'));
    await expect(readLocal()).rejects.toMatchObject({ code: 'upstream_failed' });
    expect(server.requests).toHaveLength(4);
  });

  it.each(['image/png', 'application/octet-stream', ''])('refuses what is no text: %s', async (type) => {
    server.answer(sending(type, 'bytes'));
    await expect(readLocal()).rejects.toMatchObject({ code: 'unprocessable' });
  });

  it('refuses what is compressed, which could grow', async () => {
    server.answer(sending('text/plain', 'bytes', { 'content-encoding': 'gzip' }));
    await expect(readLocal()).rejects.toMatchObject({ code: 'unprocessable' });
  });

  it('reads only the beginning of an endless page', async () => {
    server.answer(async (response) => {
      response.writeHead(200, { 'content-type': 'text/plain' });
      const more = () => response.write('x'.repeat(64 * 1024), (error) => error || more());
      more();
    });
    const page = await readLocal();
    expect(page.isCut).toBe(true);
    expect(page.text).toHaveLength(256 * 1024);
  });

  it('ends with its signal', async () => {
    server.answer(() => undefined);
    const stop = new AbortController();
    const options = { isAllowedAddress: isOurMachine, resolve: naming(['127.0.0.1']) };
    const url = new URL(`http://intranet.test:${port}/`);
    const reading = createHttpReader(options)(url, allowedHosts([url.origin]), stop.signal);
    stop.abort(new Error('stopped'));
    await expect(reading).rejects.toThrow('stopped');
  });
});
