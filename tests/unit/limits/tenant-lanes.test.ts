import { describe, expect, it } from 'vitest';
import { createTenantLanes } from '../../../shared/limits/tenant-lanes.ts';

const never = new AbortController().signal;

describe('tenant lanes', () => {
  it('run a bounded number of calls of one tenant, in the order in which they came, beside those of others', async () => {
    const lanes = createTenantLanes();
    const order: number[] = [];
    const gate = Promise.withResolvers<void>();
    const busy = Array.from({ length: 30 }, (_, index) =>
      lanes.run('busy', never, () => {
        order.push(index);
        return gate.promise;
      }),
    );

    expect(await lanes.run('calm', never, async () => 'passed')).toBe('passed');
    expect(order).toHaveLength(12);
    expect(lanes.waiting('busy')).toBe(18);
    gate.resolve();
    await Promise.all(busy);

    expect(order).toEqual(Array.from({ length: 30 }, (_, index) => index));
    expect(lanes.waiting('busy')).toBe(0);
  });

  it('let those leave whose time is over, and those behind them move up', async () => {
    const lanes = createTenantLanes();
    const gate = Promise.withResolvers<void>();
    const running = Array.from({ length: 12 }, () => lanes.run('busy', never, () => gate.promise));
    const impatient = new AbortController();
    const left = lanes.run('busy', impatient.signal, async () => 'came');
    const patient = lanes.run('busy', never, async () => 'came');

    impatient.abort();
    await expect(left).rejects.toMatchObject({ code: 'dependency_unavailable' });
    gate.resolve();
    await Promise.all(running);

    expect(await patient).toBe('came');
  });

  it('go on after a failure', async () => {
    const lanes = createTenantLanes();
    const failing = Array.from({ length: 20 }, () =>
      lanes.run('busy', never, () => Promise.reject(new Error('broken'))),
    );

    await Promise.allSettled(failing);

    expect(await lanes.run('busy', never, async () => 'passed')).toBe('passed');
  });
});
