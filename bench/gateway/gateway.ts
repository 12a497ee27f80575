import { join } from 'node:path';
import { sharesOfProfile } from '../cpu-profile.ts';
import { withPrivateStack } from '../private-stack.ts';
import { memoryMegabytes, peakMemoryMegabytes } from '../process-usage.ts';
import type { Report } from '../report.ts';
import { figuresOf } from './figures.ts';
import { reportGateway } from './gateway-report.ts';
import { PARALLEL } from './kinds.ts';
import { startLoadGenerator } from './load.ts';
import { ask, measureSubjects } from './measure-subjects.ts';
import { type Subject, type SubjectKey, type Subjects, startSubjects } from './subjects.ts';

const PROFILED_REQUESTS = 2_500;

/** Sends the same load to a mock model directly, through our door and through Portkey, in turn. */
export async function measureGateway(): Promise<Report> {
  return withPrivateStack(async (privateStack) => {
    const { subjects, startInstant, stop } = await startSubjects(privateStack);
    const generator = startLoadGenerator();
    try {
      const figures = figuresOf(await measureSubjects(subjects, generator));
      const memory = memoryOf(subjects);
      const directory = join(privateStack.appDirectory, '..', 'profile');
      const profiled = await startInstant({ NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${directory}` });
      const load = { kind: 'stream', parallel: Math.max(...PARALLEL), requests: PROFILED_REQUESTS } as const;
      await ask(generator, profiled, load);
      await profiled.stop();
      return reportGateway({ subjects, figures, memory, shares: await sharesOfProfile(directory) });
    } finally {
      generator.stop();
      await stop();
    }
  });
}

function memoryOf(subjects: Subjects): Map<SubjectKey, { now: number; peak: number }> {
  const entries = Object.entries(subjects) as [SubjectKey, Subject][];
  return new Map(entries.map(([key, { pid }]) => [key, { now: memoryMegabytes(pid), peak: peakMemoryMegabytes(pid) }]));
}
