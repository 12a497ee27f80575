import { app } from '@azure/functions';
import { getServices, type Services } from '../services.ts';
import { runInvocation, traceIdOf } from '../telemetry/invocation.ts';

export interface BlobWorker {
  readonly name: string;
  /** Container and name; `{part}` marks a part, and the last one takes all that remains. */
  readonly path: string;
  handle(call: { parts: Readonly<Record<string, string | undefined>>; services: Services }): Promise<void>;
}

/** Declares a worker that runs for each new or changed blob, perhaps more than once. It gets names, not bytes. */
export function blobWorker({ name, path, handle }: BlobWorker): void {
  app.storageBlob(name, {
    path,
    connection: 'PlatformStorage',
    source: 'EventGrid',
    handler: (_content, context) =>
      runInvocation({ functionName: name, invocationId: context.invocationId, traceId: traceIdOf(null) }, async () => {
        const services = getServices();
        const parts = (context.triggerMetadata ?? {}) as Record<string, string | undefined>;
        try {
          await handle({ parts, services });
        } catch (error) {
          services.log.error('blob failed', { error });
          throw error;
        }
      }),
  });
}
