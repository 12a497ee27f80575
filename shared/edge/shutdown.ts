import { app } from '@azure/functions';
import { findServices } from '../running-services.ts';

/** Sends what telemetry is left when the host stops this process. */
export function registerShutdown(): void {
  app.hook.appTerminate(async () => findServices()?.telemetry.stop());
}
