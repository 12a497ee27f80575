import type { ImportedModule } from './source-modules.ts';

/**
 * Who may import what, by folder: the table of the architecture. The longest `from` that fits a file decides.
 * A name that ends in a slash allows what lies below, any other exactly that file or package.
 */
export interface ImportRule {
  readonly from: string;
  readonly may: readonly string[];
  /** Allowed as `import type` only. */
  readonly mayAsType?: readonly string[];
}

const DOMAINS = [
  'access',
  'audit',
  'cache',
  'chat',
  'grounding',
  'idempotency',
  'identity',
  'ingestion',
  'inspection',
  'knowledge',
  'limits',
  'mcp',
  'models',
  'openai',
  'privacy',
  'prompts',
  'screening',
  'telemetry',
  'tenants',
  'tool-servers',
  'tools',
  'usage',
].map((name) => `shared/${name}/`);
/** Small modules without a domain: errors, ids, versions, deadlines, waits, races of writers, the port of a dependency. */
const BASICS = [
  'errors',
  'identifiers',
  'health',
  'versioned',
  'deadline',
  'backoff',
  'in-time',
  'while-overtaken',
].map((name) => `shared/${name}.ts`);

const domain = (name: string, ...packages: string[]): ImportRule => ({
  from: `shared/${name}/`,
  may: [...BASICS, ...DOMAINS, 'shared/contracts/', 'node:', ...packages],
});

const adapter = (name: string, ...sdk: string[]): ImportRule => ({
  from: `shared/adapters/${name}/`,
  may: [`shared/adapters/${name}/`, ...ADAPTER_BASICS, ...sdk],
  mayAsType: [...DOMAINS, 'shared/config.ts', 'shared/settings/'],
});

/** What adapters share: retries and how long to wait for them, lazy loading, the managed identity, storage errors; and values of their ports. */
const ADAPTER_BASICS = [
  ...BASICS,
  'shared/contracts/',
  'node:',
  'shared/adapters/azure-credential.ts',
  'shared/adapters/azure-storage.ts',
  'shared/adapters/lazily.ts',
  'shared/adapters/read-bounded.ts',
  'shared/adapters/retry-after.ts',
  'shared/adapters/retry.ts',
];

const importRules: readonly ImportRule[] = [
  {
    from: 'functions/',
    may: ['functions/', 'shared/edge/', 'shared/contracts/', 'zod', 'node:', '@azure/functions', ...DOMAINS],
  },
  // Readiness is the one answer that must be given when there are no services.
  { from: 'functions/health.http.ts', may: ['shared/edge/', 'shared/contracts/', 'shared/running-services.ts'] },
  {
    from: 'shared/edge/',
    may: [
      'shared/edge/',
      'shared/running-services.ts',
      'shared/contracts/',
      'shared/audit/',
      'shared/idempotency/',
      'shared/identity/',
      'shared/limits/',
      'shared/openai/',
      'shared/telemetry/',
      ...BASICS,
      '@azure/functions',
      'busboy',
      'zod',
      'zod-openapi',
      'node:',
    ],
    mayAsType: ['shared/services.ts'],
  },
  { from: 'shared/contracts/', may: ['shared/contracts/', 'zod'] },
  { from: 'shared/config.ts', may: ['shared/settings/', 'zod'] },
  { from: 'shared/settings/', may: ['shared/settings/', 'shared/contracts/', 'node:', 'zod'] },
  { from: 'shared/backoff.ts', may: [] },
  { from: 'shared/deadline.ts', may: [] },
  { from: 'shared/errors.ts', may: [] },
  { from: 'shared/health.ts', may: [] },
  { from: 'shared/in-time.ts', may: [] },
  { from: 'shared/versioned.ts', may: [] },
  { from: 'shared/while-overtaken.ts', may: ['shared/errors.ts', 'node:'] },
  { from: 'shared/identifiers.ts', may: ['node:', 'ulid'] },
  {
    from: 'shared/running-services.ts',
    may: ['shared/services.ts', 'shared/config.ts', 'shared/contracts/', 'shared/errors.ts'],
  },
  {
    from: 'shared/composition/',
    may: ['shared/composition/', 'shared/adapters/', 'shared/config.ts', 'shared/contracts/', ...BASICS, ...DOMAINS],
  },
  {
    from: 'shared/services.ts',
    may: ['shared/composition/', 'shared/adapters/', 'shared/config.ts', 'shared/contracts/', ...BASICS, ...DOMAINS],
  },
  domain('audit', 'zod'),
  domain('access'),
  domain('chat', 'p-limit'),
  domain('cache', 'uuid', 'zod'),
  domain('grounding'),
  domain('idempotency'),
  domain('identity', 'zod'),
  domain('ingestion', 'p-limit', 'uuid', 'zod'),
  domain('inspection'),
  // Parsers are libraries that turn bytes into text in our own process, not the SDK of a vendor behind a wire.
  domain(
    'ingestion/extraction',
    'chardet',
    'csv-parse',
    'file-type',
    'iconv-lite',
    'mammoth',
    'mdast',
    'mdast-util-to-string',
    'parse5',
    'remark-frontmatter',
    'remark-gfm',
    'remark-parse',
    'saxes',
    'unified',
    'unpdf',
    'yaml',
  ),
  domain('knowledge', '@orama/stemmers', 'stemmer'),
  domain('limits'),
  domain('models', 'cockatiel', 'gpt-tokenizer'),
  domain('mcp', 'zod'),
  domain('openai', 'zod'),
  domain('privacy'),
  domain('prompts'),
  domain('screening', '@secretlint/core', '@secretlint/profiler', '@secretlint/secretlint-rule-preset-recommend'),
  domain('telemetry', '@opentelemetry/api', 'pino'),
  domain('tenants'),
  domain('tool-servers'),
  domain('tools', 'jsep', 'zod'),
  domain('usage'),
  { from: 'shared/adapters/', may: [...ADAPTER_BASICS, '@azure/identity'] },
  { from: 'shared/adapters/public-address.ts', may: ['shared/errors.ts', 'node:', 'ipaddr.js'] },
  adapter('blob-storage', '@azure/storage-blob', 'p-limit'),
  adapter(
    'cosmos',
    '@azure/cosmos',
    'shared/knowledge/knowledge-content.ts',
    'shared/usage/tenant-day.ts',
    'shared/usage/usage-total.ts',
  ),
  adapter('document-intelligence', 'undici', 'zod'),
  adapter('entra', 'jose', 'zod', 'shared/identity/token-verifier.ts'),
  adapter('http-get', 'shared/adapters/public-address.ts', 'undici'),
  adapter('openai', 'undici', 'shared/models/attempt-error.ts'),
  adapter('mcp', '@modelcontextprotocol/sdk', 'shared/adapters/public-address.ts', 'undici', 'zod'),
  adapter('langfuse'),
  adapter(
    'opentelemetry',
    '@opentelemetry/',
    '@langfuse/otel',
    '@azure/monitor-opentelemetry-exporter',
    'shared/telemetry/',
  ),
  adapter('rerank', 'zod'),
  adapter('qdrant', '@qdrant/js-client-rest', 'shared/knowledge/matches-filters.ts', 'undici'),
  adapter(
    'storage-queue',
    '@azure/storage-queue',
    'p-limit',
    'shared/telemetry/message-envelope.ts',
    'shared/telemetry/span.ts',
  ),
  {
    from: 'infra/',
    may: [
      'infra/',
      'shared/adapters/',
      'shared/config.ts',
      'shared/knowledge/',
      'shared/models/',
      'shared/telemetry/',
      'shared/tenants/',
      'shared/usage/',
      'node:',
    ],
  },
];

/** The rule of a file; undefined when nobody has said what its folder may import. */
export function ruleFor(path: string): ImportRule | undefined {
  const fitting = importRules.filter(({ from }) => covers(from, path));
  return fitting.sort((a, b) => b.from.length - a.from.length)[0];
}

export function isAllowed(rule: ImportRule, { target, isTypeOnly }: ImportedModule): boolean {
  const may = isTypeOnly ? [...rule.may, ...(rule.mayAsType ?? [])] : rule.may;
  return may.some((name) => covers(name, target));
}

const covers = (name: string, path: string) => (name.endsWith('/') ? path.startsWith(name) : path === name);
