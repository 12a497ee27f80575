import { z } from 'zod';
import { AppError } from '../../errors.ts';
import { allowedHosts } from '../allowed-hosts.ts';
import type { HttpReader } from '../http-reader.ts';
import type { Tool } from '../tool.ts';

const MAX_URL_CHARACTERS = 2_000;
const TIMEOUT_MILLISECONDS = 15_000;
const MAX_RESULT_CHARACTERS = 20_000;

const Input = z.strictObject({
  url: z.string().min(1).max(MAX_URL_CHARACTERS).describe('Its host must be on the list of your company'),
});

/** Reads a page from one of the hosts that the tenant's policy lists. */
export function httpGet(read: HttpReader): Tool<z.infer<typeof Input>> {
  return {
    name: 'http_get',
    description: 'Reads a text, JSON or HTML page from a host that the company allows.',
    input: Input,
    defaultPermission: 'ask',
    timeoutMilliseconds: TIMEOUT_MILLISECONDS,
    maxResultCharacters: MAX_RESULT_CHARACTERS,
    async run({ url }, { principal, signal }) {
      const isAllowed = allowedHosts(principal.tenantChain[0].policy.httpGetHosts ?? []);
      if (!URL.canParse(url)) throw new AppError('validation_failed', 'This is not a URL.');
      const { status, text, mediaType, isCut } = await read(new URL(url), isAllowed, signal);
      return { text: `${status} ${mediaType}${isCut ? ' (only its beginning)' : ''}\n\n${text}` };
    },
  };
}
