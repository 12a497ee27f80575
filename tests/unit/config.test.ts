import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ConfigError, loadConfig } from '../../shared/config.ts';

const directory = mkdtempSync(join(tmpdir(), 'config-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const settings = {
  COSMOS_ENDPOINT: 'http://127.0.0.1:1',
  PlatformStorage: 'UseDevelopmentStorage=true',
  QDRANT_URL: 'http://127.0.0.1:2',
  AUTH_AUDIENCES: 'api',
  AUTH_CLIENT_IDS: 'web',
};

const embedding = {
  kind: 'embedding',
  name: 'embed',
  contextTokens: 8_000,
  dimensions: 512,
  deployments: [{ endpoint: 'eu', deployment: 'embed' }],
};
const chat = {
  kind: 'chat',
  name: 'chat',
  contextTokens: 16_000,
  maxOutputTokens: 1_000,
  deployments: [{ endpoint: 'eu', deployment: 'chat' }],
};
const eu = { kind: 'azure', url: 'https://eu.example.com/', region: 'swedencentral', zone: 'eu' };
const catalog = { endpoints: { eu }, models: [chat, embedding] };

function file(content: unknown): string {
  const path = join(mkdtempSync(join(directory, 'models-')), 'models.json');
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

function problems(environment: Record<string, string>): readonly string[] {
  try {
    loadConfig({ ...settings, ...environment });
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

describe('a models file', () => {
  it('is the catalog, with the keys that its endpoints name', () => {
    const keyed = { ...catalog, endpoints: { eu: { ...eu, apiKeySetting: 'EU_KEY' } } };
    const { models } = loadConfig({ ...settings, MODELS_FILE: file(keyed), EU_KEY: 'secret' });

    expect(models.keys).toEqual(new Map([['eu', 'secret']]));
    expect(models.catalog.endpoints.eu?.url).toBe('https://eu.example.com');
    expect(models.catalog.models[0]).toMatchObject({
      size: 'small',
      prices: [],
      deployments: [{ priority: 1, weight: 1 }],
    });
  });

  it('is like the example', () => {
    const example = join(import.meta.dirname, '../../infra/models.example.json');
    const { models } = loadConfig({ ...settings, MODELS_FILE: example, HOUSE_MODELS_KEY: 'secret' });
    expect(models.catalog.models.map(({ name }) => name)).toContain('gpt-4.1');
  });

  it('has all its problems reported at once, path by path, beside those of settings', () => {
    const wrong = {
      endpoints: { eu: { ...eu, url: 'ftp://secret-host' } },
      models: [{ ...chat, contextTokens: 0 }, embedding],
      extra: true,
    };
    const found = problems({ MODELS_FILE: file(wrong), QDRANT_URL: 'nowhere' });

    expect(found).toEqual([
      expect.stringContaining('QDRANT_URL'),
      expect.stringContaining('MODELS_FILE: endpoints.eu.url'),
      expect.stringContaining('MODELS_FILE: models.0.contextTokens'),
      expect.stringContaining('MODELS_FILE: the file'),
    ]);
    expect(found.join()).not.toContain('secret-host');
  });

  it.each([
    ['a deployment at no endpoint', { ...catalog, endpoints: {} }, 'models.0.deployments.0.endpoint'],
    ['the same name twice', { ...catalog, models: [chat, chat, embedding] }, 'models.1.name'],
    ['no embedding model', { ...catalog, models: [chat] }, 'embeddingModel'],
    ['a default that is no chat model', { ...catalog, defaultModel: 'embed' }, 'defaultModel'],
  ])('may not have %s', (_, content, path) => {
    expect(problems({ MODELS_FILE: file(content) })).toContainEqual(expect.stringContaining(`MODELS_FILE: ${path}`));
  });

  it('names a key that is not set', () => {
    const keyed = { ...catalog, endpoints: { eu: { ...eu, apiKeySetting: 'EU_KEY' } } };
    expect(problems({ MODELS_FILE: file(keyed) })).toEqual([expect.stringMatching(/^EU_KEY: is not set/)]);
  });

  it('must be there and be JSON', () => {
    expect(problems({ MODELS_FILE: join(directory, 'nowhere.json') })).toEqual(['MODELS_FILE: cannot be read']);
    expect(problems({ MODELS_FILE: file('{') })).toEqual(['MODELS_FILE: is not JSON']);
  });
});

describe('without a models file', () => {
  it('there is one model of each kind, as the settings say', () => {
    const azure = {
      AZURE_OPENAI_ENDPOINT: 'https://eu.example.com',
      AZURE_OPENAI_API_KEY: 'secret',
      AZURE_OPENAI_CHAT_DEPLOYMENT: 'gpt',
      CHAT_CONTEXT_TOKENS: '9000',
    };
    const { models } = loadConfig({ ...settings, ...azure });

    expect(models.catalog.models).toMatchObject([
      { name: 'gpt', kind: 'chat', contextTokens: 9_000 },
      { name: 'text-embedding-3-small', kind: 'embedding', dimensions: 1_536 },
    ]);
    expect(models.keys).toEqual(new Map([['azure', 'secret']]));
  });

  it('some service must be named', () => {
    expect(problems({})).toEqual([expect.stringContaining('MODELS_FILE')]);
  });
});
