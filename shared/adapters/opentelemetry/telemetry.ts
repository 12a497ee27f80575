import { setTimeout as sleep } from 'node:timers/promises';
import type { TelemetryConfig } from '../../settings/telemetry-settings.ts';
import type { Logger } from '../../telemetry/logger.ts';
import { noTelemetry, type Telemetry } from '../../telemetry/telemetry.ts';
import type { Sdk } from './sdk.ts';

const FLUSH_MILLISECONDS = 500;
const STOP_MILLISECONDS = 2_000;
/** So long without a call counts as idle. One call after another would else be sent one by one. */
const IDLE_MILLISECONDS = 100;

/** Telemetry by OpenTelemetry's SDK, which is loaded with the first call, and only when there is somewhere to send to. */
export function createTelemetry(config: TelemetryConfig, log: Logger): Telemetry {
  const { otlp, langfuse, azureMonitor, metrics } = config;
  if (!otlp && !langfuse && !azureMonitor && metrics.key === undefined) return noTelemetry;

  let starting: Promise<void> | undefined;
  let sdk: Sdk | undefined;
  let flushing: Promise<boolean> | undefined;
  let next: Promise<boolean> | undefined;
  let keepsUp = true;
  let running = 0;
  let idle: NodeJS.Timeout | undefined;

  async function load(): Promise<void> {
    try {
      const { startSdk } = await import('./sdk.ts');
      sdk = await startSdk(config);
    } catch (error) {
      log.error('telemetry could not be started; it stays off', { error });
    } finally {
      starting = undefined;
    }
  }

  /** One at a time: a backend that hangs holds one request, not one for each call. */
  function send(): Promise<boolean> {
    if (flushing) {
      // What was recorded since it began is not part of it.
      next ??= flushing.then(() => {
        next = undefined;
        return send();
      });
      return next;
    }
    flushing = (sdk?.flush() ?? Promise.resolve(true)).then((wasDelivered) => {
      flushing = undefined;
      keepsUp = wasDelivered;
      return wasDelivered;
    });
    return flushing;
  }

  async function sendWithin(milliseconds: number): Promise<void> {
    const inTime = new AbortController();
    const late = sleep(milliseconds, undefined, { signal: inTime.signal }).then(
      () => {
        keepsUp = false;
      },
      () => undefined,
    );
    await Promise.race([send(), late]);
    inTime.abort();
  }

  function sendSoon(): void {
    clearTimeout(idle);
    if (running > 0) return;
    idle = setTimeout(() => void send(), IDLE_MILLISECONDS);
    idle.unref();
  }

  return {
    start() {
      if (sdk) return undefined;
      starting ??= load();
      return starting;
    },
    began() {
      running += 1;
      clearTimeout(idle);
    },
    ended() {
      running -= 1;
      sendSoon();
    },
    sendSoon,
    async flush() {
      if (running > 0) return;
      clearTimeout(idle);
      if (keepsUp) await sendWithin(FLUSH_MILLISECONDS);
      else void send();
    },
    metricsText: async () => (await sdk?.metricsText()) ?? '',
    stop: () => sendWithin(STOP_MILLISECONDS),
  };
}
