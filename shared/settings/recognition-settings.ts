import { secret, url } from './setting-types.ts';

/** The settings of reading text in pictures. */
export const recognitionSettings = {
  DOCUMENT_INTELLIGENCE_ENDPOINT: url
    .optional()
    .describe('Azure Document Intelligence resource, which reads scans and images. Left out, they are not read'),
  DOCUMENT_INTELLIGENCE_KEY: secret
    .optional()
    .describe('Its key, for local use. Left out, the managed identity signs in'),
};

interface Values {
  readonly DOCUMENT_INTELLIGENCE_ENDPOINT?: string | undefined;
  readonly DOCUMENT_INTELLIGENCE_KEY?: string | undefined;
}

export interface RecognitionConfig {
  readonly endpoint: string;
  readonly key: string | undefined;
}

/** Null when no service is set. */
export function recognitionConfig(settings: Values): RecognitionConfig | null {
  const { DOCUMENT_INTELLIGENCE_ENDPOINT: endpoint, DOCUMENT_INTELLIGENCE_KEY: key } = settings;
  return endpoint === undefined ? null : { endpoint, key };
}
