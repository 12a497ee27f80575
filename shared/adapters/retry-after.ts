import type { IncomingHttpHeaders } from 'node:http';

/** How long a service asks to wait, in milliseconds; null when it does not say. */
export function retryAfter(headers: IncomingHttpHeaders): number | null {
  const milliseconds = Number(headers['retry-after-ms'] ?? Number.NaN);
  if (milliseconds >= 0) return milliseconds;
  const value = headers['retry-after'];
  if (!value) return null;
  const wait = /^\d+(\.\d+)?$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return Number.isNaN(wait) ? null : Math.max(0, wait);
}
