import { arch, cpus, loadavg, release, totalmem, type } from 'node:os';

const BYTES_PER_GIGABYTE = 1024 ** 3;

/** What a figure was measured on. */
export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memoryGigabytes: number;
  readonly system: string;
  readonly node: string;
  /** Processes that wanted a core over the last minute, before the bench began: above 0.5 others were at work too. */
  readonly loadBefore: number;
}

export function describeMachine(): Machine {
  const processors = cpus();
  return {
    processor: processors[0]?.model ?? 'unknown',
    cores: processors.length,
    memoryGigabytes: Math.round(totalmem() / BYTES_PER_GIGABYTE),
    system: `${type()} ${release().replace(/-.*/, '')} ${arch()}`,
    node: process.version,
    loadBefore: Number((loadavg()[0] ?? 0).toFixed(2)),
  };
}
