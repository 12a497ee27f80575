import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { hasGitHubChecksum } from '../../../shared/screening/github-checksum.ts';
import { findSecrets } from '../../../shared/screening/secrets.ts';
import { gitHubToken } from '../../integration/support/suspicious-texts.ts';

/** Characters that look drawn, the same each time; made here so that no scanner of this repository takes them for real. */
const drawn = (length: number, encoding: 'base64' | 'base64url' | 'hex' = 'base64url') =>
  createHash('sha512').update(`seed ${length}`).digest(encoding).replaceAll(/[-_=]/g, 'x').repeat(3).slice(0, length);
const base64 = (length: number) => drawn(length, 'base64').replaceAll('x', 'A');
const upper = (length: number) =>
  drawn(200)
    .toUpperCase()
    .replaceAll(/[^A-Z2-7]/g, '')
    .slice(0, length);

const rulesIn = async (text: string) => (await findSecrets(text)).map(({ rule, severity }) => `${rule} ${severity}`);
const token = gitHubToken();

describe('a secret in a text', () => {
  const secrets: [string, string, string][] = [
    ['a storage key', `AccountName=a;AccountKey=${base64(86)}==;EndpointSuffix=core`, 'azure-storage-key high'],
    ['a shared access key', `Endpoint=sb://a/;SharedAccessKey=${base64(43)}=`, 'azure-shared-access-key high'],
    ['a SAS', `https://a.blob.core.windows.net/b?sv=2024-01-01&sr=b&sig=${base64(43)}%3D`, 'azure-sas high'],
    ['a client secret of Entra', `secret ${drawn(3)}8Q~${drawn(34)}`, 'azure-client-secret high'],
    ['the id of an AWS key', `key AKIA${upper(16)} here`, 'aws-access-key-id low'],
    ['an AWS secret', `aws_secret_access_key = "${base64(40)}"`, 'aws high'],
    ['a Google key', `key=AIza${drawn(35)}`, 'google-api-key high'],
    ['a GitHub token', `token ${token}`, 'github high'],
    ['a Slack token', `xoxb-${'1'.repeat(12)}-${'2'.repeat(12)}-${drawn(24)}`, 'slack high'],
    ['a Stripe key', `sk_live_${drawn(24)}`, 'stripe high'],
    ['a private key', `-----BEGIN PRIVATE KEY-----\n${base64(64)}\n${base64(64)}`, 'private-key high'],
    ['a connection string', 'postgres://ada:hunter2pass@db.contoso.example/x', 'database-connection-string high'],
    ['a JSON web token', `eyJ${drawn(20)}.eyJ${drawn(20)}.${drawn(43)}`, 'json-web-token low'],
    ['a password with a label', 'Password: Winter-2031', 'password-in-text low'],
    ['a password in a sentence', 'The password is Winter-2031.', 'password-in-text low'],
    ['a password in German', 'Das Kennwort lautet Winter-2031.', 'password-in-text low'],
    ['a key with a label', `api_key = '${drawn(24)}'`, 'key-in-text low'],
  ];
  it.each(secrets)('is found: %s', async (_, text, expected) => {
    expect(await rulesIn(text)).toEqual([expected]);
  });

  it('is found behind a comment that would turn a linter off', async () => {
    expect(await rulesIn(`/* secretlint-disable */ ${token}`)).toEqual(['github high']);
  });

  it('is less sure when its check digits are wrong', async () => {
    const wrong = `${token.slice(0, -1)}${token.endsWith('0') ? '1' : '0'}`;
    expect([hasGitHubChecksum(token), hasGitHubChecksum(wrong)]).toEqual([true, false]);
    expect(await rulesIn(wrong)).toEqual(['github low']);
  });

  it('is shown by its first four characters at most', async () => {
    const [found] = await findSecrets(`token ${token}`);
    expect(found?.excerpt).toBe(`${token.slice(0, 4)}…`);
  });
});

describe('what only looks like a secret', () => {
  it.each([
    'password: changeme123!',
    'password = process.env.DB_PASSWORD',
    'Password: <your password>',
    'The password is required.',
    'api_key: {{ api_key_of_the_service_1 }}',
    'Your password must have 12 characters: letters, digits and signs.',
    'aws_access_key_id = AKIAIOSFODNN7EXAMPLE',
    'AccountKey=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==;',
    '-----BEGIN PRIVATE KEY-----\n…\n-----END PRIVATE KEY-----',
    'commit 3f786850e387550fdab836ed7e6dc881de23001b',
    'integrity sha512-Ss/n6FduYkhLLaqDP/CSH5i6Q3YpGd+x2CAnZWxjm9uvJbZpO8eiSnqqORayHC==',
  ])('is left alone: %s', async (text) => {
    expect(await rulesIn(text)).toEqual([]);
  });

  it('is no more than flagged where it is an address of a manual', async () => {
    expect(await rulesIn('postgres://someuser:somepassword@somehost:381/db')).toEqual([
      'database-connection-string low',
    ]);
  });
});
