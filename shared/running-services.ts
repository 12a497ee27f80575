import { ConfigError, loadConfig } from './config.ts';
import type { Readiness } from './contracts/health.ts';
import { AppError } from './errors.ts';
import { createServices, type Services } from './services.ts';

type Loaded = { readonly services: Services } | { readonly problems: readonly string[] };
let loaded: Loaded | undefined;

/** The configuration is read once, at the first call; a wrong one stays wrong until the process starts again. */
function load(): Loaded {
  try {
    loaded ??= { services: createServices(loadConfig()) };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    loaded = { problems: error.problems };
  }
  return loaded;
}

/** The services of this process. @throws AppError `dependency_unavailable` when the configuration is wrong. */
export function getServices(): Services {
  const services = findServices();
  if (services) return services;
  throw new AppError('dependency_unavailable', 'The service is not configured; /health/ready says what is missing.', {
    retryAfterSeconds: 30,
  });
}

/** The services, or undefined when the configuration is wrong. */
export function findServices(): Services | undefined {
  const result = load();
  return 'services' in result ? result.services : undefined;
}

/** Whether everything works; a wrong configuration is named setting by setting, without values. */
export async function checkReadiness(): Promise<Readiness> {
  const result = load();
  if ('services' in result) return result.services.checkHealth();
  const advice = result.problems.join('; ');
  return {
    status: 'not-ready',
    dependencies: [{ name: 'configuration', status: 'down', latencyMilliseconds: 0, advice }],
  };
}
