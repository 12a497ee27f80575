import { resolveSettings } from './app-settings.ts';
import type { Binding } from './core-types.ts';
import { type Listener, type ListenerContext, pause } from './listener.ts';
import { parseSchedule, type Schedule } from './ncrontab.ts';
import { createTimerStatusStore, type TimerStatus, type TimerStatusStore } from './timer-status.ts';

const NEVER = '0001-01-01T00:00:00.000Z';
const MIN_MONITORED_MILLISECONDS = 60_000;
/** A Node timer cannot wait for longer than 24 days, and a sleeping machine stops it. */
const MAX_WAIT_MILLISECONDS = 60_000;

export interface TimerListenerOptions extends ListenerContext {
  readonly trigger: Binding;
}

/** Runs a function by an NCRONTAB schedule, never twice at a time, and at once when a run was missed. */
export function createTimerListener(options: TimerListenerOptions): Listener {
  const { functionName, invoker, log, trigger } = options;
  const schedule = parseSchedule(resolveSettings(String(trigger.schedule)), process.env.WEBSITE_TIME_ZONE ?? 'UTC');
  const store = isMonitored(trigger, schedule) ? createTimerStatusStore(functionName) : undefined;
  const stopping = new AbortController();
  let status: TimerStatus | undefined;

  const invoke = async (reason: string, isPastDue: boolean) => {
    const info = { Schedule: { AdjustForDST: true }, ScheduleStatus: status ?? null, IsPastDue: isPastDue };
    await invoker.invoke({ functionName, reason, data: { json: JSON.stringify(info) }, triggerMetadata: {} });
  };

  async function fire(isPastDue: boolean): Promise<void> {
    const started = new Date();
    // The failure is in the log already; the next run is due all the same.
    await invoke(`Timer fired at ${started.toISOString()}`, isPastDue).catch(() => undefined);
    await remember(started.toISOString());
  }

  async function remember(last: string): Promise<void> {
    const now = new Date();
    status = { Last: last, Next: schedule.next(now).toISOString(), LastUpdated: now.toISOString() };
    await store?.write(status).catch((error: unknown) => report(error));
  }

  function report(error: unknown): undefined {
    const message = `The timer's status could not be kept: ${String(error)}`;
    log({ level: 'warning', category: 'Host.Timers', function: functionName, message });
  }

  async function watch(): Promise<void> {
    status = await readStatus(store, report);
    const isPastDue = status !== undefined && Date.parse(status.Next) <= Date.now();
    if (isPastDue || trigger.runOnStartup === true) await fire(isPastDue);
    else await remember(status?.Last ?? NEVER);
    while (!stopping.signal.aborted) {
      const due = schedule.next(new Date());
      await waitUntil(due, stopping.signal);
      if (!stopping.signal.aborted) await fire(false);
    }
  }

  return {
    run: () => invoke('This function was programmatically called via the host APIs.', false),
    async start() {
      watch().catch(report);
    },
    async stop() {
      stopping.abort();
    },
  };
}

async function readStatus(store: TimerStatusStore | undefined, report: (error: unknown) => undefined) {
  return store?.read().catch(report);
}

function isMonitored(trigger: Binding, schedule: Schedule): boolean {
  const first = schedule.next(new Date());
  const interval = schedule.next(first).getTime() - first.getTime();
  return trigger.useMonitor !== false && interval >= MIN_MONITORED_MILLISECONDS;
}

async function waitUntil(due: Date, signal: AbortSignal): Promise<void> {
  for (let left = due.getTime() - Date.now(); left > 0 && !signal.aborted; left = due.getTime() - Date.now()) {
    await pause(Math.min(left, MAX_WAIT_MILLISECONDS), signal);
  }
}
