import type { ModelRoute } from '../contracts/models.ts';

/** Tells in a header which model answered from where and why; none when no model was asked. */
export function routeHeader(route: ModelRoute | null): Readonly<Record<string, string>> {
  if (!route) return {};
  const { model, deployment, region, reason, attempts } = route;
  const value = `${model}; deployment=${deployment}; region=${region}; reason=${reason}; attempts=${attempts}`;
  return { 'x-model-route': value.replaceAll(/[^\x20-\x7e]/g, '?') };
}
