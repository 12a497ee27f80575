import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { z } from 'zod';
import type { ModelCatalog } from '../shared/contracts/models.ts';

/** The regions that the local model server plays, and where each processes data. */
const localRegions = [
  { region: 'swedencentral', zone: 'eu' },
  { region: 'eastus2', zone: 'us' },
] as const;

const EMBEDDING_TOKENS = 8_192;
const EMBEDDING_DIMENSIONS = 512;

/** The catalog of the local stack: two chat models and one that embeds, each in both regions. */
function localCatalog(serverUrl: string, embeddingModel: string): z.input<typeof ModelCatalog> {
  const everywhere = (deployment: string) => localRegions.map(({ region }) => ({ endpoint: region, deployment }));
  return {
    endpoints: Object.fromEntries(
      localRegions.map(({ region, zone }) => [
        region,
        { kind: 'azure', url: `${serverUrl}/regions/${region}`, region, zone, apiKeySetting: 'AZURE_OPENAI_API_KEY' },
      ]),
    ),
    models: [
      {
        kind: 'chat',
        name: 'local-extractive',
        contextTokens: 16_000,
        maxOutputTokens: 1_024,
        size: 'small',
        abilities: ['tools', 'json-schema'],
        deployments: everywhere('local-extractive'),
      },
      {
        kind: 'chat',
        name: 'local-extractive-large',
        contextTokens: 65_000,
        maxOutputTokens: 4_096,
        size: 'large',
        abilities: ['tools', 'json-schema'],
        deployments: everywhere('local-extractive-large'),
      },
      {
        kind: 'embedding',
        name: embeddingModel,
        contextTokens: EMBEDDING_TOKENS,
        dimensions: EMBEDDING_DIMENSIONS,
        deployments: everywhere(embeddingModel),
      },
    ],
  };
}

/** Writes the catalog of the local stack into its folder and returns the file's name. */
export function writeModelsFile(stateDirectory: string, serverUrl: string, embeddingModel: string): string {
  const file = join(stateDirectory, 'models.json');
  writeFileSync(file, `${JSON.stringify(localCatalog(serverUrl, embeddingModel), null, 2)}\n`);
  return file;
}
