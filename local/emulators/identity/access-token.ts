import { createHash, randomUUID } from 'node:crypto';
import { type Person, tenants } from '../../people.ts';

/** The application id of the platform's API: the audience of every access token. */
export const API_AUDIENCE = '11111111-2222-4333-8444-555555555555';
/** The public client of the web app, and the one that a token for the shell names. */
export const WEB_CLIENT_ID = 'local-web';
export const SHELL_CLIENT_ID = 'local-shell';
export const API_SCOPE = 'access_as_user';
export const TOKEN_LIFETIME_SECONDS = 3600;

/** The claims of an Entra v2 access token for a person, issued now to a client. */
export function accessTokenClaims(person: Person, authority: string, clientId: string): Record<string, unknown> {
  const now = Math.floor(Date.now() / 1000);
  return {
    aud: API_AUDIENCE,
    iss: `${authority}/${person.tid}/v2.0`,
    iat: now,
    nbf: now,
    exp: now + TOKEN_LIFETIME_SECONDS,
    azp: clientId,
    azpacr: '0',
    ...(person.groups.length > 0 ? { groups: person.groups } : {}),
    ...personClaims(person),
    ...(person.roles.length > 0 ? { roles: person.roles } : {}),
    scp: API_SCOPE,
    sub: pairwiseSubject(person),
    uti: randomUUID(),
    ver: '2.0',
  };
}

/** The claims about a person that access tokens and ID tokens share. */
export function personClaims(person: Person): Record<string, unknown> {
  return {
    name: person.name,
    oid: person.oid,
    preferred_username: `${person.userName}@${tenants[person.tenant].domain}`,
    tid: person.tid,
  };
}

/** Entra ID's `sub` differs between applications, so nothing may take it for the person's id. */
function pairwiseSubject(person: Person): string {
  return createHash('sha256').update(`${API_AUDIENCE}/${person.oid}`).digest('base64url');
}
