import type { DependencyHealth, Readiness } from '../contracts/health.ts';
import type { Dependency } from '../health.ts';

const TIMEOUT_MILLISECONDS = 3_000;

/** Asks every dependency at once and says how long each took and, when it is down, what to do. */
export async function checkDependencies(dependencies: readonly Dependency[]): Promise<Readiness> {
  const checked = await Promise.all(dependencies.map(check));
  const isReady = checked.every(({ status }) => status === 'up');
  return { status: isReady ? 'ready' : 'not-ready', dependencies: checked };
}

async function check({ name, advice, check: run }: Dependency): Promise<DependencyHealth> {
  const startedAt = performance.now();
  const signal = AbortSignal.timeout(TIMEOUT_MILLISECONDS);
  const timedOut = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  const isUp = await Promise.race([run(signal), timedOut]).then(
    () => true,
    () => false,
  );
  const latencyMilliseconds = Math.round(performance.now() - startedAt);
  return { name, status: isUp ? 'up' : 'down', latencyMilliseconds, ...(!isUp && { advice }) };
}
