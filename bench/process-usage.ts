import { readFileSync } from 'node:fs';

/** Linux counts processor time in hundredths of a second. */
const MICROSECONDS_PER_TICK = 10_000;
const KILOBYTES_PER_MEGABYTE = 1024;
/** Where user and system time stand in `/proc/PID/stat`, counted after the name in brackets. */
const USER_TICKS = 11;
const SYSTEM_TICKS = 12;

/** Processor time that a process and its threads have used so far, in microseconds. Linux only. */
export function processorMicroseconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  return (Number(fields[USER_TICKS]) + Number(fields[SYSTEM_TICKS])) * MICROSECONDS_PER_TICK;
}

/** The most memory that a process ever had resident, in megabytes, as the kernel recorded it. Linux only. */
export function peakMemoryMegabytes(pid: number): number {
  const kilobytes = /^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kilobytes) / KILOBYTES_PER_MEGABYTE;
}
