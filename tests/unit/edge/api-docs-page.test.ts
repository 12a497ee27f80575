import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { apiDocsAssets, redocPage, swaggerUiPage } from '../../../shared/edge/api-docs-page.ts';

describe.each([
  ['Swagger UI', swaggerUiPage],
  ['Redoc', redocPage],
])('the %s page', (_name, page) => {
  it('loads nothing but the listed assets', () => {
    const html = page('/openapi.json', '/docs/assets');
    const urls = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1]);
    const known = Object.keys(apiDocsAssets).map((name) => `/docs/assets/${name}`);
    expect(urls.length).toBeGreaterThan(2);
    expect(known).toEqual(expect.arrayContaining(urls));
  });

  it('has no inline script, so that a strict content security policy lets it work', () => {
    const html = page('/openapi.json', '/docs/assets');
    expect(html).not.toMatch(/<script(?![^>]*\ssrc=)/);
    expect(html).not.toMatch(/\son\w+=/);
  });

  it('keeps a URL with special characters inside its attribute', () => {
    expect(page('/openapi.json?a="><script>', '/docs/assets')).toContain(
      'data-openapi-url="/openapi.json?a=&quot;&gt;&lt;script&gt;"',
    );
  });
});

it('lists only files that the installed packages have', () => {
  const files = Object.values(apiDocsAssets).flatMap((asset) => ('packageFile' in asset ? [asset.packageFile] : []));
  const missing = files.filter((file) => !existsSync(new URL(`../../../node_modules/${file}`, import.meta.url)));
  expect(missing).toEqual([]);
});
