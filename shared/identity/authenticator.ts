import { Role } from '../contracts/access.ts';
import { AppError } from '../errors.ts';
import type { TenantDirectory, UserDirectory } from './directory.ts';
import { permissionsOf } from './permissions.ts';
import type { Principal } from './principal.ts';
import { AccessTokenClaims, type TokenVerifier } from './token-verifier.ts';

export interface Authenticator {
  /** @throws AppError `unauthenticated` for a bad token, `forbidden` for a tenant or user that is not let in. */
  authenticate(credentials: Credentials): Promise<Principal>;
}

export interface Credentials {
  readonly authorization: string | null;
  /** The caller asked for the development bypass. */
  readonly bypass: boolean;
}

export interface AuthenticatorOptions {
  readonly verifier: TokenVerifier;
  readonly tenants: TenantDirectory;
  readonly users: UserDirectory;
  /** Claims of whoever bypasses; undefined where the bypass is off. */
  readonly bypassClaims: unknown;
}

const BEARER = /^Bearer ([A-Za-z0-9\-._~+/]+=*)$/;
const MAX_TOKEN_CHARACTERS = 16_384;

function bearerToken(authorization: string | null): string {
  const token = BEARER.exec(authorization ?? '')?.[1];
  if (!token || token.length > MAX_TOKEN_CHARACTERS) {
    throw new AppError('unauthenticated', 'Sign in: send a token as `Authorization: Bearer <token>`.');
  }
  return token;
}

export function createAuthenticator({ verifier, tenants, users, bypassClaims }: AuthenticatorOptions): Authenticator {
  async function claimsOf({ authorization, bypass }: Credentials): Promise<AccessTokenClaims> {
    if (bypass && bypassClaims !== undefined) return AccessTokenClaims.parse(bypassClaims);
    return verifier.verify(bearerToken(authorization));
  }

  return {
    async authenticate(credentials) {
      const claims = await claimsOf(credentials);
      const tenant = await tenants.resolve(claims.tid, claims.groups);
      if (tenant.status !== 'active') {
        throw new AppError('forbidden', `${tenant.name} is suspended. Ask your administrator.`);
      }

      const entraRoles = claims.roles.flatMap((role) => Role.safeParse(role).data ?? []);
      const displayName = claims.name ?? claims.preferred_username ?? claims.oid;
      const user = await users.seen({ tenantId: tenant.id, userId: claims.oid, displayName, entraRoles });
      if (user.status !== 'active') {
        throw new AppError('forbidden', 'Your account is suspended. Ask your administrator.');
      }

      const roles = [...new Set([...entraRoles, ...user.assignedRoles])];
      return {
        kind: 'user',
        tenantId: tenant.id,
        tenantName: tenant.name,
        tenantChain: tenant.tenantChain,
        userId: claims.oid,
        displayName,
        roles,
        groups: claims.groups,
        permissions: permissionsOf(roles),
        knowledgeBaseIds: null,
      };
    },
  };
}
