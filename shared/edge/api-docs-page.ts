/** A file that the docs pages load: a file of an npm package (path below `node_modules/`), or a text of our own. */
export type ApiDocsAsset = { contentType: string } & ({ packageFile: string } | { text: string });

const javascript = 'text/javascript; charset=utf-8';

/**
 * What the docs pages may load: nothing from another origin.
 * Both libraries style elements inline, and Redoc searches in a worker that it makes from a blob.
 */
export const apiDocsContentSecurityPolicy = [
  "default-src 'self'",
  "img-src 'self' data:",
  "style-src 'self' 'unsafe-inline'",
  'worker-src blob:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "object-src 'none'",
].join('; ');

/** Starts Swagger UI in the page of {@link swaggerUiPage}; a file of its own, because the policy forbids inline scripts. */
const swaggerUiBoot = `const target = document.getElementById('swagger-ui');
SwaggerUIBundle({
  url: target.dataset.openapiUrl,
  domNode: target,
  deepLinking: true,
  displayRequestDuration: true,
  docExpansion: 'list',
  filter: true,
  validatorUrl: null,
});
`;

/** Starts Redoc in the page of {@link redocPage}; it names system fonts, so that no web font is asked for. */
const redocBoot = `const target = document.getElementById('redoc');
Redoc.init(
  target.dataset.openapiUrl,
  {
    nativeScrollbars: true,
    theme: {
      typography: {
        fontFamily: 'system-ui, sans-serif',
        headings: { fontFamily: 'system-ui, sans-serif' },
        code: { fontFamily: 'ui-monospace, monospace' },
      },
    },
  },
  target,
);
`;

/** Every file that the two pages load, by its name below the pages' `assetsUrl`. */
export const apiDocsAssets: Record<string, ApiDocsAsset> = {
  'swagger-ui.css': { packageFile: 'swagger-ui-dist/swagger-ui.css', contentType: 'text/css; charset=utf-8' },
  'swagger-ui-bundle.js': { packageFile: 'swagger-ui-dist/swagger-ui-bundle.js', contentType: javascript },
  'swagger-ui-boot.js': { text: swaggerUiBoot, contentType: javascript },
  'redoc.standalone.js': { packageFile: 'redoc/bundles/redoc.standalone.js', contentType: javascript },
  'redoc-boot.js': { text: redocBoot, contentType: javascript },
  'favicon-32x32.png': { packageFile: 'swagger-ui-dist/favicon-32x32.png', contentType: 'image/png' },
};

const attributeEntities: Record<string, string> = { '&': '&amp;', '"': '&quot;', '<': '&lt;', '>': '&gt;' };

const escapeAttribute = (value: string): string =>
  value.replace(/[&"<>]/g, (character) => attributeEntities[character] ?? character);

type DocsPage = {
  title: string;
  elementId: string;
  openApiUrl: string;
  assetsUrl: string;
  head: string;
  scripts: string[];
};

// The policy is repeated in the page, so that Redoc's logo is never fetched from its vendor, whoever serves the page.
function docsPage({ title, elementId, openApiUrl, assetsUrl, head, scripts }: DocsPage): string {
  const assets = escapeAttribute(assetsUrl);
  const scriptTags = scripts.map((name) => `    <script src="${assets}/${name}"></script>`).join('\n');
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta http-equiv="Content-Security-Policy" content="${escapeAttribute(apiDocsContentSecurityPolicy)}">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>${title}</title>
    <link rel="icon" type="image/png" href="${assets}/favicon-32x32.png">
    ${head}
  </head>
  <body>
    <div id="${elementId}" data-openapi-url="${escapeAttribute(openApiUrl)}"></div>
${scriptTags}
  </body>
</html>
`;
}

/**
 * Makes the page that shows the API in Swagger UI, where requests can be tried.
 * Both URLs must be of the page's own origin; `assetsUrl` has no slash at its end.
 */
export function swaggerUiPage(openApiUrl: string, assetsUrl: string): string {
  return docsPage({
    title: 'API explorer',
    elementId: 'swagger-ui',
    openApiUrl,
    assetsUrl,
    head: `<link rel="stylesheet" href="${escapeAttribute(assetsUrl)}/swagger-ui.css">`,
    scripts: ['swagger-ui-bundle.js', 'swagger-ui-boot.js'],
  });
}

/**
 * Makes the page that shows the API in Redoc, to read.
 * Both URLs must be of the page's own origin; `assetsUrl` has no slash at its end.
 */
export function redocPage(openApiUrl: string, assetsUrl: string): string {
  return docsPage({
    title: 'API reference',
    elementId: 'redoc',
    openApiUrl,
    assetsUrl,
    head: '<style>body { margin: 0; }</style>',
    scripts: ['redoc.standalone.js', 'redoc-boot.js'],
  });
}
