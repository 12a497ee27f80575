import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type LocalProcess, startLocalProcess } from '../../local/child-process.ts';
import type { PrivateStack } from '../private-stack.ts';
import { buildFloorApp, buildInstantApp } from './build-apps.ts';
import { platformSettings, prepareTenant } from './platform.ts';

/** How the mock model behaves. */
export type Pace = 'fast' | 'paced';

/** Something that chat completions can be asked of. */
export interface Subject {
  readonly name: string;
  /** Of the process whose processor time and memory count. */
  readonly pid: number;
  readonly url: string;
  headers(pace: Pace): Readonly<Record<string, string>>;
}

export type SubjectKey = 'direct' | 'floor' | 'azure-floor' | 'instant' | 'stored' | 'portkey' | 'portkey-azure';
export type Subjects = Readonly<Record<SubjectKey, Subject>>;

interface Started {
  readonly subjects: Subjects;
  /** Starts one more instance of our app, with stores that answer at once. */
  startInstant(environment?: Record<string, string>): Promise<Subject & { stop(): Promise<void> }>;
  stop(): Promise<void>;
}

const PATH = '/v1/chat/completions';
const DOOR = '/openai/v1/chat/completions';

/** Starts the mock model, and in a process each whatever stands between it and a client. */
export async function startSubjects({ stack, appDirectory }: PrivateStack): Promise<Started> {
  const directory = join(appDirectory, '..');
  const started: LocalProcess[] = [];
  const start = async (name: string, entry: string, app?: string, environment?: Record<string, string>) => {
    const logFile = join(directory, `${name}.log`);
    const process = await startLocalProcess({
      name,
      entry: fileURLToPath(new URL(entry, import.meta.url)),
      ...(app && { arguments: [app] }),
      ...(environment && { environment }),
      logFile,
    });
    started.push(process);
    return process;
  };

  const [floorApp, instantApp] = [join(directory, 'floor-app'), join(directory, 'instant-app')];
  await buildFloorApp(floorApp);
  await buildInstantApp(instantApp);
  const mock = await start('mock', '../mock-model-server.ts');
  const upstream = { UPSTREAM_URL: `${mock.ready.url}${PATH}` };
  const tenant = await prepareTenant(stack, directory);
  const settings = await platformSettings(stack, directory, mock.ready.url ?? '');
  const worker = './worker-process.ts';
  const startInstant = async (environment: Record<string, string> = {}) => {
    const env = { ...settings, BENCH_SNAPSHOT: tenant.snapshotFile, ...environment };
    const app = await start('instant', worker, instantApp, env);
    return { ...appSubject('this platform, stores that answer at once', app, tenant.token), stop: app.stop };
  };

  const floor = await start('floor', './floor-process.ts', undefined, upstream);
  const azureFloor = await start('azure-floor', worker, floorApp, upstream);
  const stored = await start('stored', worker, appDirectory, settings);
  const portkey = await start('portkey', './portkey-process.ts');
  return {
    subjects: {
      direct: plainSubject('the mock model itself', mock),
      floor: plainSubject('`node:http` and undici, forwarding only', floor),
      'azure-floor': {
        ...appSubject('`@azure/functions` and undici, forwarding only', azureFloor, ''),
        headers: () => workerHeaders,
      },
      instant: await startInstant(),
      stored: appSubject('this platform, local emulators as stores', stored, tenant.token),
      portkey: portkeySubject('Portkey 1.15.2 to OpenAI', portkey, openaiHeaders(mock)),
      'portkey-azure': portkeySubject('Portkey 1.15.2 to Azure OpenAI', portkey, azureHeaders(mock)),
    },
    startInstant,
    stop: async () => void (await Promise.all(started.map((process) => process.stop()))),
  };
}

const none = {};

function plainSubject(name: string, { pid, ready }: LocalProcess): Subject {
  return { name, pid, url: `${ready.url}${PATH}`, headers: () => none };
}

/** What Azure's front end says of the client's own address. */
const workerHeaders = { 'x-forwarded-host': 'localhost', 'x-forwarded-proto': 'http' };

function appSubject(name: string, { pid, ready }: LocalProcess, token: string): Subject {
  const headers = { ...workerHeaders, authorization: `Bearer ${token}` };
  return { name, pid, url: `${ready.url}${DOOR}`, headers: () => headers };
}

function portkeySubject(name: string, { pid, ready }: LocalProcess, headers: Subject['headers']): Subject {
  return { name, pid, url: `${ready.url}${PATH}`, headers };
}

function openaiHeaders(mock: LocalProcess): Subject['headers'] {
  return () => ({
    authorization: 'Bearer local',
    'x-portkey-provider': 'openai',
    'x-portkey-custom-host': `${mock.ready.url}/v1`,
  });
}

function azureHeaders(mock: LocalProcess): Subject['headers'] {
  return (pace) => ({
    authorization: 'Bearer local',
    'x-portkey-provider': 'azure-openai',
    'x-portkey-custom-host': `${mock.ready.url}/openai`,
    'x-portkey-azure-resource-name': 'mock',
    'x-portkey-azure-deployment-id': pace,
    'x-portkey-azure-api-version': '2024-10-21',
  });
}
