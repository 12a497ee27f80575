import { ExportResultCode } from '@opentelemetry/core';
import { backoff } from '../../backoff.ts';
import { retry } from '../retry.ts';

const TIMEOUT_MILLISECONDS = 2_000;
const POLICY = { tries: 2, deadline: 2_500 };
const FIRST_PAUSE_MILLISECONDS = 200;
/** As the OTLP specification says. */
const WORTH_RETRYING = new Set([429, 502, 503, 504]);

export interface OtlpTarget {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

interface Exporter<T> {
  export(items: T, done: (result: { code: ExportResultCode; error?: Error }) => void): void;
  forceFlush(): Promise<void>;
  shutdown(): Promise<void>;
}

/**
 * Sends spans or metrics as OTLP/HTTP JSON. OpenTelemetry's own exporter would add the headers of `OTEL_EXPORTER_OTLP_HEADERS`
 * to those of every target, so that Langfuse would get the key of the collector.
 */
export function createOtlpExporter<T>(
  { url, headers }: OtlpTarget,
  serialize: (items: T) => Uint8Array | undefined,
): Exporter<T> {
  const sending = new Set<Promise<void>>();

  function post(body: Uint8Array<ArrayBuffer>): Promise<void> {
    const attempt = async () => {
      const response = await fetch(url, {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json' },
        body,
        redirect: 'error',
        signal: AbortSignal.timeout(TIMEOUT_MILLISECONDS),
      });
      await response.body?.cancel();
      if (!response.ok) throw new NotTaken(response.status);
    };
    const delayAfter = (error: unknown, tried: number) =>
      error instanceof NotTaken && WORTH_RETRYING.has(error.status)
        ? backoff(tried, FIRST_PAUSE_MILLISECONDS, FIRST_PAUSE_MILLISECONDS)
        : null;
    return retry(attempt, { ...POLICY, delayAfter });
  }

  return {
    export(items, done) {
      const body = serialize(items) as Uint8Array<ArrayBuffer> | undefined;
      const sent = (body ? post(body) : Promise.resolve()).then(
        () => done({ code: ExportResultCode.SUCCESS }),
        (error: Error) => done({ code: ExportResultCode.FAILED, error }),
      );
      sending.add(sent);
      void sent.finally(() => sending.delete(sent));
    },
    forceFlush: async () => void (await Promise.all(sending)),
    shutdown: async () => void (await Promise.all(sending)),
  };
}

class NotTaken extends Error {
  override readonly name = 'NotTaken';
  readonly status: number;

  constructor(status: number) {
    super(`The collector answered ${status}.`);
    this.status = status;
  }
}
