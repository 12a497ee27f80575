import { describe, expect, it } from 'vitest';
import { isAllowed, ruleFor } from './project/import-rules.ts';
import { importsOf, readModules, type SourceModule } from './project/source-modules.ts';

const MAX_LINES = 300;
const FEWEST_MODULES = 100;
/** A knowledge base is a thing; a base of anything else is not. */
const VAGUE_NAME = /(^|-)(utils?|helpers?|common|managers?|(?<!knowledge-)base)(-|\.|$)/;

const product = readModules(['functions', 'shared', 'infra']);
const sources = [...product, ...readModules(['local'])];

describe('import rules', () => {
  it('reads the modules that it judges', () => {
    expect(product.length).toBeGreaterThan(FEWEST_MODULES);
    expect(product.flatMap(({ imports }) => imports).length).toBeGreaterThan(product.length);
  });

  it('sees every way to import', () => {
    const text = [
      "import type { A } from './a.ts';",
      "import {\n  type B,\n  b,\n} from '../b.ts';",
      "import './c.ts';",
      "export { d } from './d.ts';",
      "const { e } = await import('@scope/e/deep');",
      "import { f } from 'node:fs';",
    ].join('\n');

    expect(importsOf('x/y/z.ts', text)).toEqual([
      { target: 'x/y/a.ts', isTypeOnly: true },
      { target: 'x/b.ts', isTypeOnly: false },
      { target: 'x/y/c.ts', isTypeOnly: false },
      { target: 'x/y/d.ts', isTypeOnly: false },
      { target: 'node:', isTypeOnly: false },
      { target: '@scope/e', isTypeOnly: false },
    ]);
  });

  it('lets each folder import only what the architecture allows', () => {
    const broken = product.flatMap((module) => {
      const rule = ruleFor(module.path);
      if (!rule) return [`${module.path}: no rule says what its folder may import`];
      const wrong = module.imports.filter((imported) => !isAllowed(rule, imported));
      return wrong.map(({ target }) => `${module.path} may not import ${target}`);
    });

    expect(broken).toEqual([]);
  });

  it('keeps tests, benchmarks and the local stack out of the product', () => {
    const outside = /^(tests|bench|local|web)\//;
    const wrong = product.flatMap(({ path, imports }) =>
      imports.filter(({ target }) => outside.test(target)).map(({ target }) => `${path} → ${target}`),
    );

    expect(wrong).toEqual([]);
  });

  it('has no cycle between folders', () => {
    expect(cycleOf(folderGraph(product.filter(({ path }) => path.startsWith('shared/'))))).toBeUndefined();
  });
});

describe('source files', () => {
  it('are at most 300 lines long', () => {
    const long = sources.filter(({ text }) => text.split('\n').length - 1 > MAX_LINES);

    expect(long.map(({ path }) => path)).toEqual([]);
  });

  it('read the environment in the configuration only', () => {
    const readers = product.filter(({ path, text }) => !path.startsWith('infra/') && text.includes('process.env'));

    expect(readers.map(({ path }) => path)).toEqual(['shared/config.ts']);
  });

  it('have names that say what is in them', () => {
    const vague = sources.filter(({ path }) => path.split('/').some((part) => VAGUE_NAME.test(part)));

    expect(vague.map(({ path }) => path)).toEqual([]);
  });
});

/** A file directly below `shared/` stands for itself: the composition root is no domain. */
function folderOf(path: string): string {
  const parts = path.split('/');
  if (parts.length === 2) return path;
  return parts.slice(0, parts[1] === 'adapters' && parts.length > 3 ? 3 : 2).join('/');
}

function folderGraph(modules: readonly SourceModule[]): Map<string, Set<string>> {
  const graph = new Map<string, Set<string>>();
  for (const { path, imports } of modules) {
    const from = folderOf(path);
    const targets = graph.get(from) ?? new Set();
    for (const { target } of imports) {
      if (target.startsWith('shared/') && folderOf(target) !== from) targets.add(folderOf(target));
    }
    graph.set(from, targets);
  }
  return graph;
}

/** Folders that lead back to themselves, in order; undefined when there are none. */
function cycleOf(graph: ReadonlyMap<string, ReadonlySet<string>>): string[] | undefined {
  const done = new Set<string>();
  function visit(folder: string, path: readonly string[]): string[] | undefined {
    if (path.includes(folder)) return [...path.slice(path.indexOf(folder)), folder];
    if (done.has(folder)) return undefined;
    for (const next of graph.get(folder) ?? []) {
      const cycle = visit(next, [...path, folder]);
      if (cycle) return cycle;
    }
    done.add(folder);
    return undefined;
  }
  for (const folder of graph.keys()) {
    const cycle = visit(folder, []);
    if (cycle) return cycle;
  }
  return undefined;
}
