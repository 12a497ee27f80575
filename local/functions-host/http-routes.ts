import { isDisabled, resolveSettings } from './app-settings.ts';
import type { AppState } from './core-module.ts';
import { compileRoute, type RouteMatcher } from './route-template.ts';
import { isHttp, triggerOf } from './triggers.ts';

const RESERVED = /^(admin|runtime)(\/|$)/i;

/** One HTTP function, ready to be matched. */
export interface HttpRoute {
  readonly functionName: string;
  /** The trigger's name, under which its data is handed over. */
  readonly template: string;
  readonly methods: ReadonlySet<string> | undefined;
  readonly authLevel: string;
  readonly match: RouteMatcher;
}

/** The app's HTTP functions in the order in which the real host tries them: by function name, not by specificity. */
export function createHttpRoutes(app: AppState, routePrefix: string): HttpRoute[] {
  const names = [...app.functions.keys()].filter((name) => !isDisabled(name)).sort();
  return names.flatMap((functionName) => {
    const trigger = triggerOf(app, functionName);
    if (!isHttp(trigger)) return [];
    const { route = functionName, methods, authLevel = 'anonymous' } = trigger;
    const template = resolveSettings([routePrefix, String(route)].filter(Boolean).join('/')).replace(/^\/+/, '');
    if (RESERVED.test(template)) {
      throw new Error(`The route '${template}' of function '${functionName}' conflicts with the host's own routes.`);
    }
    const list =
      Array.isArray(methods) && methods.length > 0 ? methods.map((method) => String(method).toUpperCase()) : undefined;
    return {
      functionName,
      template,
      methods: list && new Set(list),
      authLevel: String(authLevel).toLowerCase(),
      match: compileRoute(template),
    };
  });
}

/** The first route that matches both path and method; a wrong method is no match, so that it ends as a 404. */
export function findRoute(routes: HttpRoute[], method: string, path: string) {
  const decoded = decodePath(path);
  for (const route of routes) {
    if (route.methods && !route.methods.has(method)) continue;
    const parameters = route.match(decoded);
    if (parameters) return { route, parameters };
  }
  return undefined;
}

/** Decodes a path as Kestrel does: everything but `%2F`, and nothing when it is malformed. */
function decodePath(path: string): string {
  const trimmed = path.replace(/^\/|\/$/g, '');
  try {
    return trimmed.replace(/%2f/gi, '%252F').split('/').map(decodeURIComponent).join('/');
  } catch {
    return trimmed;
  }
}
