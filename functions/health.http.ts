import { Liveness, Readiness } from '../shared/contracts/health.ts';
import { endpoint } from '../shared/edge/endpoint.ts';
import { checkReadiness } from '../shared/running-services.ts';

export const live = endpoint({
  name: 'health-live',
  method: 'GET',
  route: 'health/live',
  summary: 'Whether the process answers',
  tag: 'Health',
  permission: 'public',
  responses: { 200: Liveness },
  handle: async () => ({ body: { status: 'ok' as const } }),
});

export const ready = endpoint({
  name: 'health-ready',
  method: 'GET',
  route: 'health/ready',
  summary: 'Whether everything it needs answers',
  tag: 'Health',
  permission: 'public',
  responses: { 200: Readiness, 503: Readiness },
  handle: async () => {
    const readiness = await checkReadiness();
    return { status: readiness.status === 'ready' ? 200 : 503, body: readiness };
  },
});
