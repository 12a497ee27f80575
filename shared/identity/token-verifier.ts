import { z } from 'zod';

const MAX_GROUPS = 500;

/** What we read of an access token once its signature, issuer, audience, client and times have been checked. */
export const AccessTokenClaims = z.object({
  tid: z.guid(),
  oid: z.guid(),
  name: z.string().max(256).optional(),
  preferred_username: z.string().max(256).optional(),
  roles: z.array(z.string()).max(100).default([]),
  /** null: there are too many for a token to list; they have to be looked up. */
  groups: z.array(z.string()).max(MAX_GROUPS).nullable().default([]),
});
export type AccessTokenClaims = z.infer<typeof AccessTokenClaims>;

/** Turns a bearer token into claims that can be trusted. */
export interface TokenVerifier {
  /** @throws AppError `unauthenticated` for anything but a valid access token of a person. */
  verify(token: string): Promise<AccessTokenClaims>;
}
