import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { readHostSettings, readLocalSettings } from '../../../../local/functions-host/host-settings.ts';

let directory: string;
const write = (file: string, value: unknown) => writeFile(join(directory, file), JSON.stringify(value));

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'functions-host-'));
});

afterEach(() => vi.unstubAllEnvs());

describe('host.json', () => {
  it('has the real host’s defaults', async () => {
    await write('host.json', { version: '2.0' });
    expect(await readHostSettings(directory)).toMatchObject({
      functionTimeout: 1_800_000,
      extensions: {
        http: { routePrefix: 'api' },
        queues: { batchSize: 16, maxDequeueCount: 5, visibilityTimeout: 0, messageEncoding: 'base64' },
      },
    });
  });

  it('gives its time spans in milliseconds, and its log levels in lower case', async () => {
    await write('host.json', {
      version: '2.0',
      functionTimeout: '1.02:03:04',
      logging: { logLevel: { default: 'Warning' } },
      extensions: { queues: { visibilityTimeout: '00:00:05.5' } },
    });
    expect(await readHostSettings(directory)).toMatchObject({
      functionTimeout: 93_784_000,
      logging: { logLevel: { default: 'warning' } },
      extensions: { queues: { visibilityTimeout: 5500 } },
    });
  });

  it('gives way to app settings that name its values', async () => {
    await write('host.json', { version: '2.0', extensions: { queues: { batchSize: 8, maxDequeueCount: 3 } } });
    vi.stubEnv('AzureFunctionsJobHost__extensions__queues__batchSize', '2');
    vi.stubEnv('AzureFunctionsJobHost__extensions__queues__visibilityTimeout', '00:00:01');
    vi.stubEnv('AzureFunctionsJobHost__extensions__http__routePrefix', '');
    expect(await readHostSettings(directory)).toMatchObject({
      extensions: {
        queues: { batchSize: 2, visibilityTimeout: 1000, maxDequeueCount: 3 },
        http: { routePrefix: '' },
      },
    });
  });

  it('is refused with the place of what is wrong', async () => {
    await write('host.json', { version: '2.0', extensions: { queues: { batchSize: 33 } } });
    await expect(readHostSettings(directory)).rejects.toThrow(/extensions\.queues\.batchSize/);
  });
});

describe('local.settings.json', () => {
  it('may be missing', async () => {
    expect(await readLocalSettings(directory)).toEqual({ Values: {}, Host: { CORSCredentials: false } });
  });

  it('gives the app settings and the host’s port and origins', async () => {
    await write('local.settings.json', {
      IsEncrypted: false,
      Values: { NAME: 'value' },
      Host: { LocalHttpPort: 7171, CORS: 'http://localhost:5173' },
    });
    expect(await readLocalSettings(directory)).toEqual({
      Values: { NAME: 'value' },
      Host: { LocalHttpPort: 7171, CORS: 'http://localhost:5173', CORSCredentials: false },
    });
  });
});
