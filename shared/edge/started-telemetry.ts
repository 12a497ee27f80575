import { findServices } from '../running-services.ts';
import { noTelemetry, type Telemetry } from '../telemetry/telemetry.ts';

/** The telemetry of this process, ready to record; nothing is recorded while the configuration is wrong. */
export async function startedTelemetry(): Promise<Telemetry> {
  const telemetry = findServices()?.telemetry ?? noTelemetry;
  const starting = telemetry.start();
  if (starting) await starting;
  return telemetry;
}
