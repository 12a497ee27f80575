import { existsSync, readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { SourceMap } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

interface ProfileNode {
  readonly id: number;
  readonly callFrame: {
    readonly functionName: string;
    readonly url: string;
    readonly lineNumber: number;
    readonly columnNumber: number;
  };
  readonly children?: readonly number[];
}
interface Profile {
  readonly nodes: readonly ProfileNode[];
  /** Microseconds, like what follows; on the clock of `process.hrtime`. */
  readonly startTime: number;
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

const PACKAGE = /(?:node_modules|webpack:\/)\/((?:@[^/]+\/)?[^/]+)/;
const OWN = /(?:^|\/)(?:shared|functions|local)\//;
const IDLE = new Set(['(idle)', '(root)']);
const FUNCTIONS = '@azure/functions';
const LOCAL_HOST = 'local Functions host';
/** Packages that serve one client only, or that several share. */
const CLIENTS: readonly (readonly [RegExp, string])[] = [
  [/^@azure\/cosmos/, 'Cosmos DB client'],
  [
    /^@azure\/(storage|core|abort)|^@typespec|^fast-xml/,
    'Azure Storage client and the HTTP pipeline that it shares with Cosmos DB',
  ],
  [/^@qdrant/, 'Qdrant client'],
  [/^undici$/, 'undici: asks the models and Qdrant'],
  [/^openai$/, 'openai client'],
  [/^@azure\/functions/, FUNCTIONS],
];

/** Whether it is a client of a store or of the models, or stands in for Azure. */
export const isAround = (owner: string): boolean =>
  owner === LOCAL_HOST || (owner !== FUNCTIONS && CLIENTS.some(([, name]) => name === owner));

/** From and to, in microseconds on the clock of `process.hrtime`. */
export type TimeWindow = readonly [number, number];

/**
 * Shares of the busy time (0 to 1) of a `--cpu-prof` profile by who caused it, largest first.
 * @param windows the only times that count, in their order; left out: all
 */
export async function sharesOfProfile(
  directory: string,
  windows: readonly TimeWindow[] = [[0, Number.POSITIVE_INFINITY]],
): Promise<Map<string, number>> {
  const files = (await readdir(directory)).filter((name) => name.endsWith('.cpuprofile'));
  const profiles = await Promise.all(
    files.map(async (file) => JSON.parse(await readFile(join(directory, file), 'utf8')) as Profile),
  );
  // Worker threads write profiles of their own; the main thread did most.
  const profile = profiles.sort((a, b) => b.samples.length - a.samples.length)[0];
  if (!profile) throw new Error('The app left no profile.');
  const owners = ownersOf(profile);
  const times = new Map<string, number>();
  let busy = 0;
  let at = profile.startTime;
  let next = 0;
  for (const [index, id] of profile.samples.entries()) {
    const time = profile.timeDeltas[index] ?? 0;
    at += time;
    while (at > (windows[next]?.[1] ?? Number.POSITIVE_INFINITY)) next += 1;
    const owner = owners.get(id);
    if (!owner || at < (windows[next]?.[0] ?? Number.POSITIVE_INFINITY)) continue;
    busy += time;
    times.set(owner, (times.get(owner) ?? 0) + time);
  }
  return new Map([...times].map(([owner, time]): [string, number] => [owner, time / busy]).sort((a, b) => b[1] - a[1]));
}

/** Who caused each node; what Node does itself counts for whoever called it, and idle nodes have no owner. */
function ownersOf({ nodes }: Profile): Map<number, string> {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const sourceOf = createSourceReader();
  const owners = new Map<number, string>();
  const visit = (node: ProfileNode, inherited: string) => {
    const { functionName, url } = node.callFrame;
    const isOfNode = url === '' || url.startsWith('node:');
    const name = functionName === '(garbage collector)' ? 'garbage collection' : inherited;
    const owner = isOfNode ? name : ownerOf(sourceOf(node.callFrame));
    if (!IDLE.has(functionName)) owners.set(node.id, owner);
    for (const child of node.children ?? []) {
      const next = byId.get(child);
      if (next) visit(next, owner);
    }
  };
  const root = nodes[0];
  if (root) visit(root, 'Node itself: sockets, timers, promises');
  return owners;
}

function ownerOf(source: string): string {
  const name = PACKAGE.exec(source)?.[1];
  if (name) return CLIENTS.find(([pattern]) => pattern.test(name))?.[1] ?? name;
  if (source.includes('functions-host')) return LOCAL_HOST;
  return OWN.test(source) ? 'our own code' : 'packages whose source maps leave their name out';
}

/** Finds the file that a place in the bundle came from. */
function createSourceReader(): (frame: ProfileNode['callFrame']) => string {
  const maps = new Map<string, SourceMap | null>();
  const mapOf = (url: string) => {
    const path = url.startsWith('file:') ? `${fileURLToPath(url)}.map` : '';
    return existsSync(path) ? new SourceMap(JSON.parse(readFileSync(path, 'utf8'))) : null;
  };
  return ({ url, lineNumber, columnNumber }) => {
    const map = maps.get(url) ?? mapOf(url);
    maps.set(url, map);
    const entry = map?.findEntry(lineNumber, columnNumber);
    return entry && 'originalSource' in entry ? entry.originalSource : url;
  };
}
