import { z } from 'zod';
import { apiDocsAsset } from '../shared/edge/api-docs-asset.ts';
import { apiDocsAssets, apiDocsContentSecurityPolicy, redocPage, swaggerUiPage } from '../shared/edge/api-docs-page.ts';
import { endpoint } from '../shared/edge/endpoint.ts';

const tag = 'API documentation';
const OPENAPI_URL = '/openapi.json';
const ASSETS_URL = '/api-docs';
const pageHeaders = { 'content-security-policy': apiDocsContentSecurityPolicy };
const html = 'text/html; charset=utf-8';

export const openApi = endpoint({
  name: 'openapi',
  method: 'GET',
  route: 'openapi.json',
  summary: 'The OpenAPI document',
  tag,
  permission: 'public',
  responses: { 200: { contentType: 'application/json', description: 'OpenAPI 3.1' } },
  handle: async () => {
    const { openApiDocument } = await import('../shared/edge/openapi.ts');
    return { raw: { contentType: 'application/json', content: JSON.stringify(openApiDocument()) } };
  },
});

export const swaggerUi = endpoint({
  name: 'docs-swagger-ui',
  method: 'GET',
  route: 'docs',
  summary: 'Try the API in Swagger UI',
  tag,
  permission: 'public',
  responses: { 200: { contentType: 'text/html', description: 'A page' } },
  handle: async () => ({
    headers: pageHeaders,
    raw: { contentType: html, content: swaggerUiPage(OPENAPI_URL, ASSETS_URL) },
  }),
});

export const redoc = endpoint({
  name: 'docs-redoc',
  method: 'GET',
  route: 'redoc',
  summary: 'Read about the API in Redoc',
  tag,
  permission: 'public',
  responses: { 200: { contentType: 'text/html', description: 'A page' } },
  handle: async () => ({
    headers: pageHeaders,
    raw: { contentType: html, content: redocPage(OPENAPI_URL, ASSETS_URL) },
  }),
});

export const docsAsset = endpoint({
  name: 'docs-asset',
  method: 'GET',
  route: 'api-docs/{asset}',
  summary: 'A file of the documentation pages',
  tag,
  permission: 'public',
  params: z.object({ asset: z.enum(Object.keys(apiDocsAssets) as [string, ...string[]]) }),
  responses: { 200: { contentType: 'application/octet-stream', description: 'Script, style or picture' } },
  handle: async ({ params }) => ({
    headers: { 'cache-control': 'public, max-age=86400' },
    raw: await apiDocsAsset(params.asset),
  }),
});
