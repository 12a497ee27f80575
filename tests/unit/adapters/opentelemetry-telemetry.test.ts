import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ExportResultCode } from '@opentelemetry/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { boundExport } from '../../../shared/adapters/opentelemetry/bounded-export.ts';
import { createTelemetry } from '../../../shared/adapters/opentelemetry/telemetry.ts';
import type { TelemetryConfig } from '../../../shared/settings/telemetry-settings.ts';
import { createLogger } from '../../../shared/telemetry/logger.ts';
import { startSpan } from '../../../shared/telemetry/span.ts';
import { noTelemetry, type Telemetry } from '../../../shared/telemetry/telemetry.ts';

const log = createLogger('silent');
const off: TelemetryConfig = {
  serviceName: 'test',
  instanceId: 'test',
  environment: 'test',
  sampleRatio: 1,
  otlp: null,
  langfuse: null,
  azureMonitor: null,
  metrics: { key: undefined, tenants: [] },
};

it('loads nothing where nothing is configured', () => {
  expect(createTelemetry(off, log)).toBe(noTelemetry);
});

describe('what waits for a backend', () => {
  const spans = (count: number) => Array.from({ length: count }, () => ({})) as never;

  it('is bounded while it hangs, and has room again when it answers', () => {
    let answer = (_: { code: ExportResultCode }) => {};
    const { admit, exporter } = boundExport('test', {
      export: (_, done) => {
        answer = done;
      },
      shutdown: async () => undefined,
    });
    const admitted = Array.from({ length: 10_000 }, admit).filter(Boolean);
    expect(admitted).toHaveLength(2_048);
    exporter.export(spans(256), () => undefined);
    expect(admit()).toBe(false);
    answer({ code: ExportResultCode.FAILED });
    expect(Array.from({ length: 1_000 }, admit).filter(Boolean)).toHaveLength(256);
  });
});

describe('work whose end nobody waits for', () => {
  let answers: 'at once' | 'never' = 'at once';
  let received = 0;
  const server = createServer((request, response) => {
    received += 1;
    request.resume();
    if (answers === 'at once') request.on('end', () => response.end('{}'));
  });
  let telemetry: Telemetry;

  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    telemetry = createTelemetry({ ...off, otlp: { endpoint, headers: {} } }, log);
    await telemetry.start();
    expect(telemetry.start()).toBeUndefined();
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  /** How long the end of one piece of work takes, in milliseconds. */
  async function work(): Promise<number> {
    telemetry.began();
    startSpan('timer retention').end();
    const startedAt = performance.now();
    telemetry.ended();
    await telemetry.flush();
    return performance.now() - startedAt;
  }

  it('ends when what it recorded has arrived', async () => {
    await work();
    expect(received).toBeGreaterThan(0);
  });

  it('leaves the sending to others while they run', async () => {
    telemetry.began();
    const before = received;
    await work();
    expect(received).toBe(before);
    telemetry.ended();
    await telemetry.flush();
    expect(received).toBeGreaterThan(before);
  });

  it('waits half a second for a backend that hangs, once, and again when that has recovered', async () => {
    answers = 'never';
    expect(await work()).toBeLessThan(1_000);
    const waits = [await work(), await work(), await work()];
    expect(Math.max(...waits)).toBeLessThan(100);

    answers = 'at once';
    await expect
      .poll(
        async () => {
          const before = received;
          await work();
          return received > before;
        },
        { timeout: 15_000 },
      )
      .toBe(true);
  });
});
