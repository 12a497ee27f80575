import type { Operation } from './deployments.ts';

/** What a URL asks for. */
export type Route =
  | { readonly kind: 'control'; readonly name: string }
  | { readonly kind: 'models' }
  | { readonly kind: 'model'; readonly name: string }
  /** Without a name the deployment is the `model` of the body. */
  | { readonly kind: 'call'; readonly operation: Operation; readonly name: string | undefined };

const CONTROL = /^\/_control\/(failures|requests|settings)$/;
const CLASSIC_CALL = /^\/openai\/deployments\/([^/]+)\/(chat\/completions|embeddings)$/;
const NEW_CALL = /^\/openai\/v1\/(chat\/completions|embeddings)$/;
const REGION = /^\/regions\/([a-z0-9-]{1,40})(?=\/)/;
/** Of requests that name no region. */
const ONLY_REGION = 'local';
const MODELS = /^\/openai\/(?:v1\/)?models(?:\/([^/]+))?$/;

/** Splits off the region that a path may begin with: one server plays several. */
export function splitRegion(path: string): { readonly region: string; readonly path: string } {
  const named = REGION.exec(path);
  return named ? { region: named[1] ?? '', path: path.slice(named[0].length) } : { region: ONLY_REGION, path };
}

/** Reads a URL; a classic one without `api-version` leads nowhere, as on Azure. */
export function routeOf(method: string, url: URL): Route | undefined {
  const { path } = splitRegion(url.pathname);
  const control = CONTROL.exec(path);
  if (control) return { kind: 'control', name: `${method} ${control[1]}` };
  const modern = path.startsWith('/openai/v1/');
  if (!modern && !url.searchParams.get('api-version')) return undefined;
  return method === 'GET' ? modelsRoute(path) : method === 'POST' ? callRoute(path) : undefined;
}

function modelsRoute(path: string): Route | undefined {
  const models = MODELS.exec(path);
  if (!models) return undefined;
  return models[1] ? { kind: 'model', name: models[1] } : { kind: 'models' };
}

function callRoute(path: string): Route | undefined {
  const classic = CLASSIC_CALL.exec(path);
  const name = classic?.[1];
  const operation = classic?.[2] ?? NEW_CALL.exec(path)?.[1];
  if (!operation) return undefined;
  return {
    kind: 'call',
    name: name && decodeURIComponent(name),
    operation: operation === 'embeddings' ? 'embeddings' : 'chat',
  };
}
