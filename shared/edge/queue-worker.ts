import { app, type InvocationContext } from '@azure/functions';
import type { z } from 'zod';
import { getServices } from '../running-services.ts';
import type { Services } from '../services.ts';
import { currentInvocation } from '../telemetry/invocation.ts';
import { openEnvelope } from '../telemetry/message-envelope.ts';
import { metrics } from '../telemetry/metrics.ts';
import { currentSpan } from '../telemetry/span.ts';
import { runWork } from './traced-work.ts';

const STORAGE_CONNECTION = 'PlatformStorage';

export interface QueueWorker<M extends z.ZodType> {
  readonly queue: string;
  readonly message: M;
  handle(call: { message: z.output<M>; services: Services }): Promise<void>;
  /** After the last attempt: makes the failure visible where people look. */
  giveUp(call: { message: z.output<M>; services: Services }): Promise<void>;
}

/**
 * Declares the worker of one queue and the one of its poison queue. A message may come twice, at the same time, or late;
 * what `handle` throws brings it back until the host's `maxDequeueCount`, then it goes to the poison queue.
 */
export function queueWorker<M extends z.ZodType>(worker: QueueWorker<M>): void {
  register(worker.queue, worker.queue, async (payload, services) => {
    const message = worker.message.parse(payload);
    noteSubject(message);
    await worker.handle({ message, services });
  });
  register(`${worker.queue}-poison`, `${worker.queue}-poison`, async (payload, services) => {
    const parsed = worker.message.safeParse(payload);
    if (parsed.success) await worker.giveUp({ message: parsed.data, services });
    else services.log.error('poison message is not readable', { queue: worker.queue, problems: parsed.error.issues });
  });
}

function register(name: string, queue: string, run: (payload: unknown, services: Services) => Promise<void>): void {
  app.storageQueue(name, {
    queueName: queue,
    connection: STORAGE_CONNECTION,
    handler: (payload, context) => {
      const { message, traceparent } = openEnvelope(payload);
      return runWork(
        {
          functionName: name,
          context,
          spanName: `process ${queue}`,
          kind: 'consumer',
          attributes: {
            'messaging.system': 'azure_storage_queue',
            'messaging.operation.type': 'process',
            'messaging.destination.name': queue,
            'platform.attempt': attemptOf(context),
          },
          parent: traceparent ?? context.traceContext?.traceParent,
        },
        () => measured(queue, context, () => logged(name, message, context, run)),
      );
    },
  });
}

/** Lets every log line and span of the work on a message say whose it is, and the message's own span what it is about. */
function noteSubject(message: unknown): void {
  const invocation = currentInvocation();
  const { tenantId, knowledgeBaseId, documentId } = message as Readonly<Record<string, unknown>>;
  if (!invocation || typeof tenantId !== 'string') return;
  invocation.tenantId = tenantId;
  currentSpan().set({
    'platform.tenant.id': tenantId,
    ...(typeof knowledgeBaseId === 'string' && { 'platform.knowledge_base.id': knowledgeBaseId }),
    ...(typeof documentId === 'string' && { 'platform.document.id': documentId }),
  });
}

const attemptOf = (context: InvocationContext) => Number(context.triggerMetadata?.dequeueCount ?? 1);

async function measured(queue: string, context: InvocationContext, run: () => Promise<void>): Promise<void> {
  const sentAt = Date.parse(String(context.triggerMetadata?.insertionTime));
  if (!Number.isNaN(sentAt)) metrics.messageAge.record(Math.max(0, (Date.now() - sentAt) / 1000), { queue });
  const startedAt = performance.now();
  let outcome: 'ok' | 'failed' = 'failed';
  try {
    await run();
    outcome = 'ok';
  } finally {
    metrics.messageDuration.record((performance.now() - startedAt) / 1000, { queue, outcome });
  }
}

async function logged(
  name: string,
  payload: unknown,
  context: InvocationContext,
  run: (payload: unknown, services: Services) => Promise<void>,
): Promise<void> {
  const startedAt = performance.now();
  const services = getServices();
  const attempt = attemptOf(context);
  try {
    await run(payload, services);
    services.log.info('message done', { attempt, milliseconds: Math.round(performance.now() - startedAt) });
  } catch (error) {
    services.log.error('message failed', { worker: name, attempt, error });
    throw error;
  }
}
