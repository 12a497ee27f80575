/** Sends what the process records to where it is looked at. Nothing here ever rejects, and no backend slows anything down. */
export interface Telemetry {
  /** Makes spans and metrics count. undefined: they do already, or nobody wants them. */
  start(): Promise<void> | undefined;
  /** Notes that an invocation runs. */
  began(): void;
  /** Notes that it has ended. After the last one `sendSoon` follows; amid others, what it recorded is sent with theirs. */
  ended(): void;
  /** Sends what was recorded when nothing runs any more, as the instance may be frozen then. Nobody waits for it. */
  sendSoon(): void;
  /**
   * The same for work whose end nobody waits for: resolves when it is sent, or after half a second. At once while others run,
   * and while a backend does not keep up.
   */
  flush(): Promise<void>;
  /** All metrics in Prometheus' text format; empty where they are not collected. */
  metricsText(): Promise<string>;
  /** Sends what is left, within two seconds. */
  stop(): Promise<void>;
}

/** For where nothing is configured. */
export const noTelemetry: Telemetry = {
  start: () => undefined,
  began: () => undefined,
  ended: () => undefined,
  sendSoon: () => undefined,
  flush: async () => undefined,
  metricsText: async () => '',
  stop: async () => undefined,
};
