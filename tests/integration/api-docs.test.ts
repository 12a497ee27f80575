import { Validator } from '@seriousme/openapi-schema-validator';
import { expect, it } from 'vitest';
import { apiDocsAssets, apiDocsContentSecurityPolicy } from '../../shared/edge/api-docs-page.ts';
import { declaredRoutes } from './support/declared-routes.ts';
import { stack } from './support/platform.ts';

interface OpenApi {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, { operationId: string; security?: unknown[] }>>>>;
}

const get = (path: string) => fetch(`${stack.apiUrl}${path}`);
const document = async () => (await (await get('/openapi.json')).json()) as OpenApi;

it('describes itself in valid OpenAPI 3.1', async () => {
  const served = await document();
  const validator = new Validator();
  const { valid, errors } = await validator.validate(structuredClone(served) as unknown as Record<string, unknown>);

  expect(served.openapi).toMatch(/^3\.1\./);
  expect({ valid, errors }).toEqual({ valid: true, errors: undefined });
  expect(() => validator.resolveRefs()).not.toThrow();
});

it('describes every route once, and says which need no token', async () => {
  const { paths } = await document();
  const described = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { operationId, security }]) => ({
      route: `${method.toUpperCase()} ${path}`,
      operationId,
      isPublic: security?.length === 0,
    })),
  );
  const declared = (await declaredRoutes()).map(({ name, method, route, permission }) => ({
    route: `${method} /${route}`,
    operationId: name,
    isPublic: permission === 'public',
  }));

  expect(described).toHaveLength(declared.length);
  expect(described).toEqual(expect.arrayContaining(declared));
  expect(new Set(described.map(({ operationId }) => operationId)).size).toBe(described.length);
});

it.each(['/docs', '/redoc'])('shows %s with assets of its own only', async (path) => {
  const page = await get(path);
  const html = await page.text();
  const urls = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1] ?? '');

  expect(page.status).toBe(200);
  expect(page.headers.get('content-type')).toContain('text/html');
  expect(page.headers.get('content-security-policy')).toBe(apiDocsContentSecurityPolicy);
  expect(urls.length).toBeGreaterThan(1);
  for (const url of urls) {
    const asset = await get(url);
    expect({ url, status: asset.status }).toEqual({ url, status: 200 });
    expect((await asset.arrayBuffer()).byteLength).toBeGreaterThan(0);
  }
});

it.each(['constructor', '__proto__', 'toString', 'index.html'])('has no asset called %s', async (name) => {
  expect((await get(`/api-docs/${name}`)).status).toBe(400);
});

it('serves every asset with its type', async () => {
  for (const [name, { contentType }] of Object.entries(apiDocsAssets)) {
    const asset = await get(`/api-docs/${name}`);
    expect({ name, type: asset.headers.get('content-type') }).toEqual({ name, type: contentType });
    await asset.body?.cancel();
  }
});

it.each(['main.js', 'unknown.js', '..%2fhost.json', '%2e%2e/host.json', '__proto__', 'toString'])(
  'serves no file that is not listed: %s',
  async (name) => {
    const { status } = await get(`/api-docs/${name}`);

    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(500);
  },
);
