import { z } from 'zod';
import { backoff } from '../../backoff.ts';
import { AppError } from '../../errors.ts';
import type { GroupDirectory } from '../../identity/group-directory.ts';
import { azureTokenProvider } from '../azure-credential.ts';
import { lazily } from '../lazily.ts';
import { readBounded } from '../read-bounded.ts';
import { retry } from '../retry.ts';

export interface GraphOptions {
  /** `https://graph.microsoft.com`, without a trailing slash. */
  readonly url: string;
  /** Left out, the managed identity signs in; it needs the application permission `GroupMember.Read.All`. */
  readonly accessToken: string | undefined;
}

const SCOPE = 'https://graph.microsoft.com/.default';
const TIMEOUT_MILLISECONDS = 3_000;
const RETRY = { tries: 3, deadline: 5_000, firstDelay: 200, longestDelay: 1_000 };
const MAX_RESPONSE_BYTES = 512 * 1024;
/** Every search sends all groups along; Graph itself tells of up to 11,000. */
const MAX_GROUPS = 2_000;

const MemberObjects = z.object({ value: z.array(z.guid()) });

/** Graph does not know the person, or would have to name more than 11,000 groups. */
const NOT_TO_BE_HAD = new Set([400, 404]);

/** Security groups from Microsoft Graph, nested ones included; of the people of the managed identity's own Entra tenant. */
export function createGraphGroups({ url, accessToken }: GraphOptions): GroupDirectory {
  const managedIdentityToken = lazily(() => azureTokenProvider(SCOPE));

  async function ask(userId: string): Promise<readonly string[] | null> {
    const token = accessToken ?? (await (await managedIdentityToken())());
    const response = await fetch(`${url}/v1.0/users/${encodeURIComponent(userId)}/getMemberObjects`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ securityEnabledOnly: true }),
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MILLISECONDS),
    });
    if (response.ok) return groupsIn(response);
    await response.body?.cancel();
    if (NOT_TO_BE_HAD.has(response.status)) return null;
    throw Object.assign(new Error(`Microsoft Graph answered ${response.status}`), { status: response.status });
  }

  return {
    async groupsOf(userId) {
      try {
        return await retry(() => ask(userId), { ...RETRY, delayAfter });
      } catch (cause) {
        throw new AppError('dependency_unavailable', 'Your groups cannot be looked up now. Try again shortly.', {
          cause,
          retryAfterSeconds: 5,
        });
      }
    },
  };
}

async function groupsIn(response: Response): Promise<readonly string[] | null> {
  const text = await readBounded(response, MAX_RESPONSE_BYTES);
  if (text === null) return null;
  const { value } = MemberObjects.parse(JSON.parse(text));
  return value.length <= MAX_GROUPS ? value : null;
}

/** What was refused stays refused; a busy or unreachable service may answer next time. */
function delayAfter(error: unknown, attempt: number): number | null {
  const { status = 503 } = error as { status?: number };
  return status === 429 || status >= 500 ? backoff(attempt, RETRY.firstDelay, RETRY.longestDelay) : null;
}
