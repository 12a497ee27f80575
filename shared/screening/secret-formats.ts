import type { FindingSeverity } from '../contracts/screening.ts';
import { EMULATOR_KEY } from './labelled-secrets.ts';

/** A published format of a secret, beside those of the library. */
export interface SecretFormat {
  readonly rule: string;
  readonly severity: FindingSeverity;
  /** Global; the group `secret`, if there is one, is the secret itself. */
  readonly pattern: RegExp;
  readonly isReal?: (secret: string) => boolean;
}

const isNoExample = (secret: string) => !secret.includes('EXAMPLE');

export const SECRET_FORMATS: readonly SecretFormat[] = [
  {
    rule: 'azure-storage-key',
    severity: 'high',
    pattern: /AccountKey\s{0,2}=\s{0,2}(?<secret>[A-Za-z0-9+/]{86}==)/g,
    isReal: (secret) => secret !== EMULATOR_KEY,
  },
  {
    rule: 'azure-shared-access-key',
    severity: 'high',
    pattern: /SharedAccessKey\s{0,2}=\s{0,2}(?<secret>[A-Za-z0-9+/]{43}=)/g,
  },
  {
    rule: 'azure-sas',
    severity: 'high',
    pattern: /[?&;](?:sv|se|sp|sr|st|spr|srt|ss)=[^\s"'<>]{1,300}?&sig=(?<secret>[A-Za-z0-9%+/]{43,70})/g,
  },
  {
    rule: 'azure-client-secret',
    severity: 'high',
    pattern: /\b[A-Za-z0-9_~.-]{3}\dQ~[A-Za-z0-9_~.-]{31,34}(?![\w~.-])/g,
  },
  { rule: 'aws-access-key-id', severity: 'low', pattern: /\b(?:AKIA|ASIA)[A-Z2-7]{16}\b/g, isReal: isNoExample },
  { rule: 'google-api-key', severity: 'high', pattern: /\bAIza[\w-]{35}(?![\w-])/g },
  {
    rule: 'private-key',
    severity: 'high',
    pattern:
      /-----BEGIN (?:[A-Z]{2,10} ){0,2}PRIVATE KEY(?: BLOCK)?-----\s{1,4}(?<secret>[A-Za-z0-9+/=:,\s-]{60,200})/g,
  },
  { rule: 'json-web-token', severity: 'low', pattern: /\beyJ[\w-]{10,2000}\.eyJ[\w-]{10,4000}\.[\w-]{20,800}/g },
];
