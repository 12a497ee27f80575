import { app } from '@azure/functions';
import { getServices } from '../running-services.ts';
import type { Services } from '../services.ts';
import { runWork } from './traced-work.ts';

export interface BlobWorker {
  readonly name: string;
  readonly container: string;
  /** `blob` is the name within the container. */
  handle(call: { blob: string; services: Services }): Promise<void>;
}

/**
 * Declares a worker that runs for each new or changed blob, perhaps more than once. It gets the name, not the bytes, and
 * splits it itself: the host's patterns are greedy, so that `{a}/{b}` would part `x/y/z` at its last slash.
 */
export function blobWorker({ name, container, handle }: BlobWorker): void {
  app.storageBlob(name, {
    path: `${container}/{name}`,
    connection: 'PlatformStorage',
    source: 'EventGrid',
    handler: (_content, context) =>
      runWork(
        {
          functionName: name,
          context,
          spanName: `blob ${name}`,
          attributes: { 'faas.trigger': 'datasource' },
          parent: undefined,
        },
        async () => {
          const services = getServices();
          const path = String(context.triggerMetadata?.blobTrigger ?? '');
          try {
            await handle({ blob: path.slice(container.length + 1), services });
          } catch (error) {
            services.log.error('blob failed', { error });
            throw error;
          }
        },
      ),
  });
}
