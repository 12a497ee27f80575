import { app } from '@azure/functions';
import { getServices } from '../running-services.ts';
import type { Services } from '../services.ts';
import { runWork } from './traced-work.ts';

export interface TimerWorker {
  readonly name: string;
  /** NCRONTAB with seconds, UTC. */
  readonly schedule: string;
  handle(call: { services: Services }): Promise<void>;
}

/** Declares what runs by the clock: on one instance at a time, perhaps late, perhaps again; what fails is tried next time. */
export function timerWorker({ name, schedule, handle }: TimerWorker): void {
  app.timer(name, {
    schedule,
    handler: (_timer, context) =>
      runWork(
        {
          functionName: name,
          context,
          spanName: `timer ${name}`,
          attributes: { 'faas.trigger': 'timer' },
          parent: context.traceContext?.traceParent,
        },
        () => logged(handle),
      ),
  });
}

async function logged(handle: TimerWorker['handle']): Promise<void> {
  const startedAt = performance.now();
  const services = getServices();
  try {
    await handle({ services });
    services.log.debug('timer done', { milliseconds: Math.round(performance.now() - startedAt) });
  } catch (error) {
    services.log.error('timer failed', { error });
    throw error;
  }
}
