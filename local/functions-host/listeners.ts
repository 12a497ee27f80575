import { isDisabled } from './app-settings.ts';
import { createBlobListener } from './blob-listener.ts';
import type { AppState } from './core-module.ts';
import type { BlobSettings, QueueSettings } from './host-settings.ts';
import type { Invoker } from './invocation.ts';
import type { Listener } from './listener.ts';
import type { Log } from './log.ts';
import { createQueueListener } from './queue-listener.ts';
import { createTimerListener } from './timer-listener.ts';
import { isHttp, isTrigger, triggerOf } from './triggers.ts';

export interface ListenersOptions {
  readonly app: AppState;
  readonly invoker: Invoker;
  readonly log: Log;
  readonly queues: QueueSettings;
  readonly blobs: BlobSettings;
  readonly leaseSeconds: number;
  readonly blobPollingMilliseconds: number;
  readonly blobDeletionQueue: string | undefined;
}

/** Makes a listener for each function that is neither an HTTP function nor disabled, by the function's name. */
export function createListeners(options: ListenersOptions): Map<string, Listener> {
  const { app } = options;
  const names = [...app.functions.keys()].filter((name) => !isDisabled(name) && !isHttp(triggerOf(app, name)));
  return new Map(names.map((name) => [name, createListener(options, name)]));
}

function createListener(options: ListenersOptions, functionName: string): Listener {
  const { app, invoker, log, queues, blobs, leaseSeconds } = options;
  const { blobPollingMilliseconds: pollingMilliseconds, blobDeletionQueue: deletionQueue } = options;
  const trigger = triggerOf(app, functionName);
  const context = { functionName, invoker, log, trigger };
  try {
    if (isTrigger(trigger, 'queueTrigger')) return createQueueListener({ ...context, settings: queues, leaseSeconds });
    if (isTrigger(trigger, 'timerTrigger')) return createTimerListener(context);
    return createBlobListener({ ...context, settings: blobs, pollingMilliseconds, deletionQueue });
  } catch (cause) {
    throw new Error(`The function '${functionName}' cannot be started: ${(cause as Error).message}`, { cause });
  }
}
