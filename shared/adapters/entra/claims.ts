import { AppError } from '../../errors.ts';
import { AccessTokenClaims } from '../../identity/token-verifier.ts';

/** What a token says, once its signature, audience and times have been checked. */
export type SignedClaims = Readonly<Record<string, unknown>>;

export interface ClaimRules {
  /** Without a trailing slash. */
  readonly authority: string;
  readonly clientIds: readonly string[];
}

const MICROSOFT_AUTHORITY = 'https://login.microsoftonline.com';
const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/**
 * Checks who issued a token, for which client and for whom, and picks what we use of it.
 * @param keyIssuer whose tokens the signing key may sign; undefined for all of the authority
 * @throws AppError `unauthenticated`
 */
export function checkClaims(claims: SignedClaims, rules: ClaimRules, keyIssuer: string | undefined): AccessTokenClaims {
  checkIssuer(claims, rules.authority, keyIssuer);
  checkClient(claims, rules.clientIds);
  checkPerson(claims);
  const parsed = AccessTokenClaims.safeParse(leavesGroupsOut(claims) ? { ...claims, groups: null } : claims);
  if (!parsed.success) throw refused('It does not have the claims of an access token.');
  return parsed.data;
}

export function refused(reason: string): AppError {
  return new AppError('unauthenticated', `The token is not accepted. ${reason} Sign in again.`);
}

function checkIssuer({ tid, iss, ver }: SignedClaims, authority: string, keyIssuer: string | undefined): void {
  if (typeof tid !== 'string' || !GUID.test(tid)) throw refused('It names no tenant.');
  const issuers = issuersOf(tid, authority);
  if (typeof iss !== 'string' || issuers.get(ver) !== iss) throw refused('Its issuer is not trusted here.');
  if (keyIssuer === undefined) return;
  const signer = keyIssuer.replace('{tenantid}', tid);
  if (![...issuers.values()].includes(signer)) throw refused('Its key belongs to another issuer.');
}

/** The one issuer of a tenant for each version of tokens; only Entra ID itself still issues the first. */
function issuersOf(tid: string, authority: string): ReadonlyMap<unknown, string> {
  const second: [string, string] = ['2.0', `${authority}/${tid}/v2.0`];
  const first: [string, string] = ['1.0', `https://sts.windows.net/${tid}/`];
  return new Map(authority === MICROSOFT_AUTHORITY ? [second, first] : [second]);
}

function checkClient({ ver, azp, appid }: SignedClaims, clientIds: readonly string[]): void {
  const client = ver === '1.0' ? appid : azp;
  if (typeof client !== 'string' || !clientIds.includes(client)) {
    throw refused('The application that asked for it may not call this service.');
  }
}

/** An ID token and a token of an application have no scope. */
function checkPerson({ scp, idtyp }: SignedClaims): void {
  if (idtyp === 'app') throw refused('It belongs to an application, not to a person.');
  if (typeof scp !== 'string' || scp.trim() === '') throw refused('It is not an access token of a person.');
}

/** Entra ID lists up to 200 groups; above that it only says where to ask for them. */
function leavesGroupsOut({ _claim_names: elsewhere, hasgroups }: SignedClaims): boolean {
  const isElsewhere = typeof elsewhere === 'object' && elsewhere !== null && 'groups' in elsewhere;
  return isElsewhere || hasgroups === true || hasgroups === 'true';
}
