import { join } from 'node:path';
import type { LocalProcess } from '../../local/child-process.ts';
import { buildFloorApp } from './build-apps.ts';
import { mockCatalog } from './catalogs.ts';
import { type Platform, workerHeaders } from './platform.ts';
import type { Processes } from './processes.ts';

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

const PATH = '/v1/chat/completions';
const DOOR = '/openai/v1/chat/completions';
const none = {};

/** Starts the mock model, and in a process each whatever stands between it and a client. */
export async function startSubjects(processes: Processes, platform: Platform, directory: string): Promise<Subjects> {
  const floorApp = join(directory, 'floor-app');
  await buildFloorApp(floorApp);
  const mock = await processes.start('mock', '../mock-model-server.ts');
  const mockUrl = mock.ready.url ?? '';
  const upstream = { UPSTREAM_URL: `${mockUrl}${PATH}` };
  const floor = await processes.start('floor', './floor-process.ts', [], upstream);
  const azureFloor = await processes.start('azure-floor', './worker-process.ts', [floorApp], upstream);
  const catalog = mockCatalog(mockUrl);
  const instant = await platform.start('instant', catalog);
  const stored = await platform.start('stored', catalog);
  const portkey = await processes.start('portkey', './portkey-process.ts');

  const plain = (name: string, process: LocalProcess, headers: Subject['headers'] = () => none) =>
    subject(name, process, PATH, headers);
  const app = (name: string, process: LocalProcess, headers: Readonly<Record<string, string>>) =>
    subject(name, process, DOOR, () => headers);
  return {
    direct: plain('the mock model itself', mock),
    floor: plain('`node:http` and undici, forwarding only', floor),
    'azure-floor': app('`@azure/functions` and undici, forwarding only', azureFloor, workerHeaders),
    instant: app('this platform, stores that answer at once', instant, platform.headers),
    stored: app('this platform, local emulators as stores', stored, platform.headers),
    portkey: plain('Portkey 1.15.2 to OpenAI', portkey, openaiHeaders(mockUrl)),
    'portkey-azure': plain('Portkey 1.15.2 to Azure OpenAI', portkey, azureHeaders(mockUrl)),
  };
}

/** An instance of our app as something to be asked. */
export function doorOf(name: string, process: LocalProcess, { headers }: Platform): Subject {
  return subject(name, process, DOOR, () => headers);
}

function subject(name: string, { pid, ready }: LocalProcess, path: string, headers: Subject['headers']): Subject {
  return { name, pid, url: `${ready.url}${path}`, headers };
}

function openaiHeaders(mockUrl: string): Subject['headers'] {
  return () => ({
    authorization: 'Bearer local',
    'x-portkey-provider': 'openai',
    'x-portkey-custom-host': `${mockUrl}/v1`,
  });
}

function azureHeaders(mockUrl: string): Subject['headers'] {
  return (pace) => ({
    authorization: 'Bearer local',
    'x-portkey-provider': 'azure-openai',
    'x-portkey-custom-host': `${mockUrl}/openai`,
    'x-portkey-azure-resource-name': 'mock',
    'x-portkey-azure-deployment-id': pace,
    'x-portkey-azure-api-version': '2024-10-21',
  });
}
