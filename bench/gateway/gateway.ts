import { join } from 'node:path';
import { sharesOfProfile } from '../cpu-profile.ts';
import { withPrivateStack } from '../private-stack.ts';
import { memoryMegabytes, peakMemoryMegabytes } from '../process-usage.ts';
import type { Report } from '../report.ts';
import { failoverCatalog, mockCatalog } from './catalogs.ts';
import { failAtRandom, measureFailover } from './failover.ts';
import { figuresOf } from './figures.ts';
import { reportGateway } from './gateway-report.ts';
import { PARALLEL } from './kinds.ts';
import { type LoadGenerator, startLoadGenerator } from './load.ts';
import { ask, measureSubjects } from './measure-subjects.ts';
import { type Platform, preparePlatform } from './platform.ts';
import { createProcesses, type Processes } from './processes.ts';
import { doorOf, type Subject, type SubjectKey, type Subjects, startSubjects } from './subjects.ts';

const PROFILED_REQUESTS = 2_500;
const MODEL_SERVER = '../../local/emulators/model-server/main.ts';

/** Sends the same load to a mock model directly, through our door and through Portkey, in turn; then lets models fail. */
export async function measureGateway(): Promise<Report> {
  return withPrivateStack(async (privateStack) => {
    const directory = join(privateStack.appDirectory, '..');
    const processes = createProcesses(directory);
    const generator = startLoadGenerator();
    try {
      const platform = await preparePlatform(privateStack, processes, directory);
      const subjects = await startSubjects(processes, platform, directory);
      const figures = figuresOf(await measureSubjects(subjects, generator));
      const memory = memoryOf(subjects);
      const mockUrl = new URL(subjects.direct.url).origin;
      const shares = await profile(platform, generator, mockUrl, join(directory, 'profile'));
      const failover = await letModelsFail(processes, platform, directory);
      return reportGateway({ subjects, figures, memory, shares, ...failover });
    } finally {
      generator.stop();
      await processes.stop();
    }
  });
}

function memoryOf(subjects: Subjects): Map<SubjectKey, { now: number; peak: number }> {
  const entries = Object.entries(subjects) as [SubjectKey, Subject][];
  return new Map(entries.map(([key, { pid }]) => [key, { now: memoryMegabytes(pid), peak: peakMemoryMegabytes(pid) }]));
}

/** The shares of the processor time in streams, from a profile of an instance of its own. */
async function profile(platform: Platform, generator: LoadGenerator, mockUrl: string, directory: string) {
  const NODE_OPTIONS = `--cpu-prof --cpu-prof-dir=${directory}`;
  const process = await platform.start('instant', mockCatalog(mockUrl), { NODE_OPTIONS });
  const load = { kind: 'stream', parallel: Math.max(...PARALLEL), requests: PROFILED_REQUESTS } as const;
  await ask(generator, doorOf('profiled', process, platform), load);
  await process.stop();
  return sharesOfProfile(directory);
}

async function letModelsFail(processes: Processes, platform: Platform, directory: string) {
  const startServer = async (name: string) => {
    const server = await processes.start(name, MODEL_SERVER, ['--state-directory', join(directory, name)]);
    return server.ready.url ?? '';
  };
  const servers = {
    one: await startServer('one'),
    other: await startServer('other'),
    steady: await startServer('steady'),
  };
  const process = await platform.start('instant', failoverCatalog(servers));
  const door = { url: doorOf('failover', process, platform).url, headers: platform.headers };
  return { times: await measureFailover(door, servers), random: await failAtRandom(door, servers, Math.random) };
}
