import { endpoint } from '../shared/edge/endpoint.ts';
import { requireScraperKey } from '../shared/edge/scraper-key.ts';

export const metrics = endpoint({
  name: 'metrics',
  method: 'GET',
  route: 'metrics',
  summary: 'Metrics of this instance, for Prometheus',
  description:
    'Needs `METRICS_KEY` as `Authorization: Bearer …` or `api-key`; without that setting there is no such route. Each ' +
    'instance counts for itself.',
  tag: 'Health',
  permission: 'public',
  responses: { 200: { contentType: 'text/plain', description: "Prometheus' text format" } },
  handle: async ({ request, services }) => {
    requireScraperKey(request, services.config.telemetry.metrics.key);
    const content = await services.telemetry.metricsText();
    return { raw: { contentType: 'text/plain; version=0.0.4; charset=utf-8', content } };
  },
});
