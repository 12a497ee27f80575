import { Role } from '../contracts/access.ts';
import { AppError } from '../errors.ts';
import { withSpan } from '../telemetry/span.ts';
import type { ApiKeyAuthenticator } from './api-key-authenticator.ts';
import { looksLikeApiKey } from './api-key-secret.ts';
import { type DeniedPerson, deniedSignIn } from './denied-sign-in.ts';
import type { TenantDirectory, UserDirectory } from './directory.ts';
import type { GroupDirectory } from './group-directory.ts';
import { principalOf, refusalOfTenant, refusalOfUser } from './person.ts';
import type { Principal } from './principal.ts';
import { AccessTokenClaims, type TokenVerifier } from './token-verifier.ts';

export interface Authenticator {
  /** @throws AppError `unauthenticated` for a bad token or key, `forbidden` for a tenant or user that is not let in. */
  authenticate(credentials: Credentials): Promise<Principal>;
}

export interface Credentials {
  readonly authorization: string | null;
  /** Where clients of Azure OpenAI put their key; `authorization` wins. */
  readonly apiKey: string | null;
  /** The caller asked for the development bypass. */
  readonly bypass: boolean;
}

export interface AuthenticatorOptions {
  readonly verifier: TokenVerifier;
  readonly apiKeys: ApiKeyAuthenticator;
  readonly tenants: TenantDirectory;
  readonly users: UserDirectory;
  readonly groups: GroupDirectory;
  /** Entra tenants whose `PlatformAdmin` role counts: any other could give it to its own people. */
  readonly platformAdminTenants: readonly string[];
  /** Claims of whoever bypasses; undefined where the bypass is off. */
  readonly bypassClaims: unknown;
}

const ROLES: ReadonlySet<string> = new Set(Role.options);
const isRole = (role: string): role is Role => ROLES.has(role);

const BEARER = /^Bearer ([A-Za-z0-9\-._~+/]+=*)$/;
const MAX_TOKEN_CHARACTERS = 16_384;

function bearerToken({ authorization, apiKey }: Credentials): string {
  const token = authorization === null ? apiKey : BEARER.exec(authorization)?.[1];
  const isWrongKey = authorization === null && token && !looksLikeApiKey(token);
  if (!token || isWrongKey || token.length > MAX_TOKEN_CHARACTERS) {
    throw new AppError('unauthenticated', 'Sign in: send a token as `Authorization: Bearer <token>`.');
  }
  return token;
}

export function createAuthenticator(options: AuthenticatorOptions): Authenticator {
  const { verifier, apiKeys, tenants, users, bypassClaims } = options;

  async function groupsOf({ groups, oid }: AccessTokenClaims): Promise<readonly string[]> {
    const all = groups ?? (await options.groups.groupsOf(oid));
    if (all) return all;
    throw new AppError(
      'forbidden',
      'You are in too many groups for a token to list. Ask your administrator to issue only the groups assigned to the application.',
    );
  }

  function rolesOf({ roles, tid }: AccessTokenClaims): Role[] {
    const known = roles.filter(isRole);
    const mayRunPlatform = options.platformAdminTenants.includes(tid.toLowerCase());
    return mayRunPlatform ? known : known.filter((role) => role !== 'PlatformAdmin');
  }

  async function authenticatePerson(claims: AccessTokenClaims): Promise<Principal> {
    const groups = await groupsOf(claims);
    const tenant = await withSpan('policy', {}, () => tenants.resolve(claims.tid, groups));
    const displayName = claims.name ?? claims.preferred_username ?? claims.oid;
    const person = { tenantId: tenant.id, userId: claims.oid, displayName };
    refuse(refusalOfTenant(tenant), { ...person, reason: 'tenant-suspended' });

    const entraRoles = rolesOf(claims);
    const user = await users.seen({ ...person, entraRoles });
    refuse(refusalOfUser(user), { ...person, reason: 'user-suspended' });
    return principalOf(tenant, { ...user, displayName, entraRoles }, groups);
  }

  return {
    async authenticate(credentials) {
      if (credentials.bypass && bypassClaims !== undefined) {
        return authenticatePerson(AccessTokenClaims.parse(bypassClaims));
      }
      const token = bearerToken(credentials);
      if (looksLikeApiKey(token)) return apiKeys.authenticate(token);
      return authenticatePerson(await verifier.verify(token));
    },
  };
}

function refuse(refusal: string | null, person: DeniedPerson): void {
  if (refusal !== null) throw deniedSignIn(refusal, person);
}
