/**
 * Entra ID on one machine: `oidc-provider` behind Entra's paths, with the demo people of two companies.
 *
 *   curl -s http://127.0.0.1:8090/token?user=alice      an access token as plain text
 *
 * Access tokens have the shape of Entra v2 tokens. It does not imitate passwords, multi-factor sign-in, consent, v1
 * tokens, client credentials or conditional access, and the issuer in an ID token is the authority's segment. Keys, sessions
 * and refresh tokens survive a restart.
 *
 * For tests: POST /_control/tokens, /_control/keys/rotate, /_control/failures and GET /_control/requests.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type Provider from 'oidc-provider';
import { findPerson, people, tenants } from '../../people.ts';
import type { Emulator, EmulatorOptions } from '../emulator.ts';
import { accessTokenClaims, SHELL_CLIENT_ID } from './access-token.ts';
import { type Control, createControl, type TokenRequest } from './control.ts';
import { createProvider } from './provider.ts';
import { openSessionStore } from './session-store.ts';
import { signInPage } from './sign-in-page.ts';
import { openSigningKeys, type SigningKeys, signToken } from './signing-keys.ts';

interface Context {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
  readonly match: RegExpExecArray;
  readonly identity: Identity;
}

interface Identity {
  readonly authority: string;
  readonly keys: SigningKeys;
  readonly control: Control;
  provider(segment: string): Provider;
  forgetProviders(): void;
}

type Route = readonly [method: string, path: RegExp, handle: (context: Context) => unknown];

const segments: readonly string[] = [...Object.values(tenants).map(({ tid }) => tid), 'organizations', 'common'];
const MAX_BODY_BYTES = 64 * 1024;

const routes: readonly Route[] = [
  ['GET', /^\/[^/]+\/discovery\/v2\.0\/keys$/, sendKeys],
  ['GET|POST', /^\/token$/, sendShellToken],
  ['POST', /^\/v1\.0\/users\/([^/]+)\/getMemberObjects$/, sendMemberObjects],
  ['POST', /^\/_control\/tokens$/, signControlToken],
  ['POST', /^\/_control\/keys\/rotate$/, rotateKeys],
  ['POST', /^\/_control\/failures$/, failKeyRequests],
  [
    'GET',
    /^\/_control\/requests$/,
    ({ response, identity }) => sendJson(response, 200, { keys: identity.control.keyRequests() }),
  ],
  ['GET', /^\/([^/]+)\/sign-in\/[^/]+$/, showSignIn],
  ['POST', /^\/([^/]+)\/sign-in\/[^/]+$/, finishSignIn],
  [
    'GET|POST|OPTIONS',
    /^\/([^/]+)(?:\/v2\.0)?(\/\.well-known\/openid-configuration|\/oauth2\/v2\.0\/.+)$/,
    callProvider,
  ],
];

/** Starts the provider with the signing keys that the state directory holds. */
export async function startIdentity({ port, stateDirectory }: EmulatorOptions): Promise<Emulator> {
  const keys = openSigningKeys(stateDirectory);
  const sessions = openSessionStore(join(stateDirectory, 'sessions.ndjson'));
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', resolve);
  });
  const authority = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const providers = new Map<string, Provider>();
  const identity: Identity = {
    authority,
    keys,
    control: createControl(authority, keys),
    provider(segment) {
      if (!segments.includes(segment)) throw new Error(`There is no tenant ${segment}.`);
      const provider =
        providers.get(segment) ??
        createProvider({ authority, segment, key: keys.current(), adapterFor: sessions.adapterFor });
      providers.set(segment, provider);
      return provider;
    },
    forgetProviders: () => providers.clear(),
  };
  server.on('request', (request, response) => {
    answer(identity, request, response).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else sendText(response, 400, error instanceof Error ? error.message : String(error));
    });
  });
  let stopping: Promise<void> | undefined;
  return {
    url: authority,
    stop() {
      stopping ??= new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }).then(sessions.close);
      return stopping;
    },
  };
}

async function answer(identity: Identity, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', identity.authority);
  for (const [methods, path, handle] of routes) {
    const match = methods.split('|').includes(request.method ?? '') ? path.exec(url.pathname) : null;
    if (match) {
      await handle({ request, response, url, match, identity });
      return;
    }
  }
  sendText(response, 404, 'There is nothing here.');
}

function sendKeys({ response, identity }: Context): void {
  if (identity.control.onKeyRequest()) sendText(response, 500, 'A failure that a test asked for.');
  else sendJson(response, 200, identity.keys.publicKeys(), { 'access-control-allow-origin': '*' });
}

function sendShellToken({ response, url, identity }: Context): void {
  const person = findPerson(url.searchParams.get('user') ?? '');
  if (!person) {
    const names = people.map(({ userName, description }) => `  ${userName.padEnd(6)} ${description}`).join('\n');
    sendText(response, 404, `Say whose token you want, e.g. /token?user=alice\n${names}\n`);
    return;
  }
  sendText(
    response,
    200,
    signToken({}, accessTokenClaims(person, identity.authority, SHELL_CLIENT_ID), identity.keys.current()),
  );
}

/** Microsoft Graph's answer to which groups a person is in, for tokens whose `groups` claim was too long. */
function sendMemberObjects({ request, response, match }: Context): void {
  const person = findPerson(match[1] ?? '');
  if (!request.headers.authorization?.startsWith('Bearer '))
    sendJson(response, 401, graphError('InvalidAuthenticationToken'));
  else if (!person) sendJson(response, 404, graphError('Request_ResourceNotFound'));
  else sendJson(response, 200, { value: person.groups });
}

async function signControlToken({ request, response, identity }: Context): Promise<void> {
  const body = JSON.parse(await readBody(request)) as TokenRequest;
  sendJson(response, 200, { token: identity.control.signToken(body) });
}

async function rotateKeys({ request, response, identity }: Context): Promise<void> {
  const { retireOld = false } = JSON.parse((await readBody(request)) || '{}') as { retireOld?: boolean };
  identity.keys.rotate({ retireOld });
  identity.forgetProviders();
  sendJson(response, 200, { kid: identity.keys.current().kid });
}

async function failKeyRequests({ request, response, identity }: Context): Promise<void> {
  const { count } = JSON.parse(await readBody(request)) as { count: number };
  identity.control.failNextKeyRequests(count);
  sendJson(response, 200, { count });
}

function peopleOf(segment: string) {
  return people.filter(({ tid }) => tid === segment || segment === 'organizations' || segment === 'common');
}

async function showSignIn({ request, response, match, identity }: Context): Promise<void> {
  const segment = match[1] ?? '';
  await identity.provider(segment).interactionDetails(request, response);
  response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' });
  response.end(signInPage(peopleOf(segment)));
}

async function finishSignIn({ request, response, match, identity }: Context): Promise<void> {
  const segment = match[1] ?? '';
  const user = new URLSearchParams(await readBody(request)).get('user');
  const person = peopleOf(segment).find(({ userName }) => userName === user);
  if (!person) return sendText(response, 400, 'There is no such person here.');
  const login = { accountId: person.oid };
  await identity.provider(segment).interactionFinished(request, response, { login, select_account: {} });
}

async function callProvider({ request, response, url, match, identity }: Context): Promise<void> {
  const [, segment = '', path = ''] = match;
  // The provider learns the segment as the place where it is mounted, by the difference of these two.
  request.url = `${path}${url.search}`;
  Object.assign(request, { originalUrl: `/${segment}${request.url}` });
  await identity.provider(segment).callback()(request, response);
}

async function readBody(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request) {
    body += chunk;
    if (body.length > MAX_BODY_BYTES) throw new Error('The request body is too large.');
  }
  return body;
}

function graphError(code: string) {
  return { error: { code, message: code } };
}

function sendJson(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

function sendText(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' }).end(text);
}
