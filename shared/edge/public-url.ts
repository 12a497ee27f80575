import type { HttpRequest } from '@azure/functions';
import { findServices } from '../running-services.ts';

/** Where the caller of a request reaches this platform, such as `https://ai.contoso.com`. */
export function publicUrlOf({ url }: Pick<HttpRequest, 'url'>): string {
  return findServices()?.config.publicUrl ?? new URL(url).origin;
}
