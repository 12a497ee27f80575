import { existsSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';

/** Linux counts processor time in hundredths of a second. */
const MICROSECONDS_PER_TICK = 10_000;
const MICROSECONDS_PER_MILLISECOND = 1_000;
const NANOSECONDS_PER_MILLISECOND = 1_000_000;
const MAX_STATISTICS_BYTES = 64;
const KILOBYTES_PER_MEGABYTE = 1024;
/** Where user and system time stand in `/proc/PID/stat`, counted after the name in brackets. */
const USER_TICKS = 11;
const SYSTEM_TICKS = 12;

/** Processor time that a process and its threads have used so far, in microseconds. Linux only. */
export function processorMicroseconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  return (Number(fields[USER_TICKS]) + Number(fields[SYSTEM_TICKS])) * MICROSECONDS_PER_TICK;
}

/**
 * As `processorMicroseconds`, but to the microsecond where the kernel says so; threads that have ended are not in it. For
 * short loads on processes that keep their threads. Linux only.
 */
export function threadMicroseconds(pid: number): number {
  const directory = `/proc/${pid}/task`;
  if (!existsSync(`${directory}/${pid}/sched`)) return processorMicroseconds(pid);
  const milliseconds = readdirSync(directory).map((thread) => {
    const statistics = readFileSync(`${directory}/${thread}/sched`, 'utf8');
    return Number(/^se\.sum_exec_runtime\s*:\s*([\d.]+)/m.exec(statistics)?.[1]);
  });
  return milliseconds.reduce((sum, time) => sum + time, 0) * MICROSECONDS_PER_MILLISECOND;
}

/**
 * Tells how long the main thread of this process has been ready to go on while others had the cores, in milliseconds; always 0
 * where the kernel does not count it. Linux only.
 */
export function coreWaitReader(): () => number {
  const file = `/proc/self/task/${process.pid}/schedstat`;
  if (!existsSync(file)) return () => 0;
  const descriptor = openSync(file, 'r');
  const buffer = Buffer.alloc(MAX_STATISTICS_BYTES);
  return () => {
    const length = readSync(descriptor, buffer, 0, buffer.length, 0);
    const [, waited] = buffer.toString('latin1', 0, length).split(' ');
    return Number(waited) / NANOSECONDS_PER_MILLISECOND;
  };
}

/** The most memory that a process ever had resident, in megabytes, as the kernel recorded it. Linux only. */
export const peakMemoryMegabytes = (pid: number): number => statusMegabytes(pid, /^VmHWM:\s+(\d+)/m);

/** The memory that a process has resident now, in megabytes. Linux only. */
export const memoryMegabytes = (pid: number): number => statusMegabytes(pid, /^VmRSS:\s+(\d+)/m);

function statusMegabytes(pid: number, kilobytes: RegExp): number {
  return Number(kilobytes.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / KILOBYTES_PER_MEGABYTE;
}
