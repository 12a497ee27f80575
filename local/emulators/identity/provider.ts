import { createHash } from 'node:crypto';
import Provider, {
  type AdapterFactory,
  type Configuration,
  type Interaction,
  interactionPolicy,
  type KoaContextWithOIDC,
} from 'oidc-provider';
import { findPerson } from '../../people.ts';
import {
  API_AUDIENCE,
  API_SCOPE,
  accessTokenClaims,
  personClaims,
  TOKEN_LIFETIME_SECONDS,
  WEB_CLIENT_ID,
} from './access-token.ts';
import { errorPage, signedOutPage, signOutPage } from './sign-in-page.ts';
import type { SigningKey } from './signing-keys.ts';

/** Entra's paths below the tenant's segment. */
const routes = {
  authorization: '/oauth2/v2.0/authorize',
  token: '/oauth2/v2.0/token',
  end_session: '/oauth2/v2.0/logout',
  jwks: '/discovery/v2.0/keys',
};
const API_RESOURCE = 'api://platform';
/** As the browser asks for it; the token's `scp` has the last part only. */
const REQUESTED_SCOPE = `${API_RESOURCE}/${API_SCOPE}`;
const SESSION_SECONDS = 14 * 24 * 3600;
const INTERACTION_SECONDS = 3600;

interface ProviderOptions {
  readonly authority: string;
  /** A tenant's id, `organizations` or `common`: the first segment of every path. */
  readonly segment: string;
  readonly key: SigningKey;
  readonly adapterFor: AdapterFactory;
}

/** Makes the OpenID provider of one authority segment: code with PKCE for the web app, no consent, Entra's token shape. */
export function createProvider({ authority, segment, key, adapterFor }: ProviderOptions): Provider {
  const configuration: Configuration = {
    routes,
    adapter: adapterFor,
    jwks: { keys: [key as never] },
    clients: [
      {
        client_id: WEB_CLIENT_ID,
        client_name: 'Enterprise AI Platform (local)',
        redirect_uris: ['http://localhost/'],
        token_endpoint_auth_method: 'none',
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
      },
    ],
    scopes: ['openid', 'profile', 'email', 'offline_access'],
    claims: { openid: ['sub'], profile: ['name', 'oid', 'preferred_username', 'tid'] },
    conformIdTokenClaims: false,
    clientBasedCORS: (_context, origin) => isLoopback(origin),
    // Derived, so that who is signed in stays so over a restart.
    cookies: { keys: [createHash('sha256').update(`cookies ${key.d}`).digest('hex')] },
    pkce: { required: () => true },
    findAccount: (_context, oid) => findAccount(oid),
    loadExistingGrant: grantEverything,
    issueRefreshToken: async () => true,
    interactions: {
      policy: promptPolicy(),
      url: (_context: KoaContextWithOIDC, { uid }: Interaction) => `/${segment}/sign-in/${uid}`,
    },
    features: featuresOf(),
    formats: { customizers: { jwt: shapeAsEntra(authority) } },
    renderError(context, out) {
      context.type = 'html';
      context.body = errorPage(out.error_description ?? out.error);
    },
    ttl: {
      AccessToken: TOKEN_LIFETIME_SECONDS,
      IdToken: TOKEN_LIFETIME_SECONDS,
      Interaction: INTERACTION_SECONDS,
      Session: SESSION_SECONDS,
      Grant: SESSION_SECONDS,
      RefreshToken: SESSION_SECONDS,
    },
  };
  const provider = new Provider(`${authority}/${segment}/v2.0`, configuration);
  allowLoopbackRedirects(provider);
  return provider;
}

function featuresOf(): Configuration['features'] {
  return {
    devInteractions: { enabled: false },
    userinfo: { enabled: false },
    rpInitiatedLogout: {
      enabled: true,
      logoutSource(context, form) {
        context.body = signOutPage(form);
      },
      postLogoutSuccessSource(context) {
        context.body = signedOutPage();
      },
    },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => API_RESOURCE,
      useGrantedResource: () => true,
      getResourceServerInfo: () => ({
        scope: REQUESTED_SCOPE,
        audience: API_AUDIENCE,
        accessTokenFormat: 'jwt',
        accessTokenTTL: TOKEN_LIFETIME_SECONDS,
        jwt: { sign: { alg: 'RS256' } },
      }),
    },
  };
}

/** Entra's clients may ask for the account picker, which here is the sign-in page. */
function promptPolicy() {
  const policy = interactionPolicy.base();
  policy.add(new interactionPolicy.Prompt({ name: 'select_account', requestable: true }), 0);
  return policy;
}

function shapeAsEntra(authority: string): NonNullable<NonNullable<Configuration['formats']>['customizers']>['jwt'] {
  return (_context, token, jwt) => {
    const person = 'accountId' in token ? findPerson(String(token.accountId)) : undefined;
    if (!person) return;
    jwt.header = { ...jwt.header, typ: 'JWT' };
    jwt.payload = accessTokenClaims(person, authority, token.clientId ?? WEB_CLIENT_ID) as typeof jwt.payload;
  };
}

async function findAccount(oid: string) {
  const person = findPerson(oid);
  if (!person) return undefined;
  return { accountId: oid, claims: async () => ({ sub: oid, ...personClaims(person) }) };
}

async function grantEverything({ oidc }: KoaContextWithOIDC) {
  const { provider, client, session } = oidc;
  if (!client || !session?.accountId) return undefined;
  const known = session.grantIdFor(client.clientId);
  const grant =
    (known ? await provider.Grant.find(known) : undefined) ??
    new provider.Grant({ accountId: session.accountId, clientId: client.clientId });
  grant.addOIDCScope('openid profile email offline_access');
  grant.addResourceScope(API_RESOURCE, REQUESTED_SCOPE);
  await grant.save();
  return grant;
}

/** The web app's port differs between runs, so every address on this machine is a registered one. */
function allowLoopbackRedirects(provider: Provider): void {
  provider.Client.prototype.redirectUriAllowed = isLoopback;
  provider.Client.prototype.postLogoutRedirectUriAllowed = isLoopback;
}

function isLoopback(address: string): boolean {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  return url?.protocol === 'http:' && ['localhost', '127.0.0.1'].includes(url.hostname);
}
