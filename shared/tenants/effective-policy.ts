import type { TenantId } from '../contracts/identifiers.ts';
import { AUTO_MODEL } from '../contracts/models.ts';
import { type EffectivePolicy, type Policy, ToolPermission } from '../contracts/policy.ts';
import { ScreeningAction } from '../contracts/screening.ts';

type Leaf = number | boolean | string | readonly string[];
interface Decided {
  readonly value: Leaf;
  readonly source: TenantId;
}

/** The values of a policy by path, e.g. `tenantLimits.tokensPerMinute`. */
function leavesOf(value: object, prefix = ''): [path: string, leaf: Leaf][] {
  return Object.entries(value).flatMap(([key, child]): [string, Leaf][] => {
    if (child === undefined) return [];
    if (typeof child !== 'object' || Array.isArray(child)) return [[prefix + key, child as Leaf]];
    return leavesOf(child, `${prefix}${key}.`);
  });
}

function policyOf(leaves: ReadonlyMap<string, Decided>): Policy {
  const policy: Record<string, unknown> = {};
  for (const [path, { value }] of leaves) {
    const keys = path.split('.');
    const last = keys.pop() ?? '';
    let branch = policy;
    for (const key of keys) {
      branch[key] ??= {};
      branch = branch[key] as Record<string, unknown>;
    }
    branch[last] = value;
  }
  return policy;
}

const stricterOf = (options: readonly Leaf[]) => (inherited: Leaf, own: Leaf) =>
  options.indexOf(inherited) >= options.indexOf(own) ? inherited : own;
const bothAllow = (inherited: Leaf, own: Leaf) => inherited === true && own === true;
const ownChoice = (_inherited: Leaf, own: Leaf) => own;
const bothSay = (inherited: Leaf, own: Leaf) =>
  `\n\n${inherited}`.endsWith(`\n\n${own}`) ? inherited : `${inherited}\n\n${own}`;

/** Where the narrower of two values is not what its type suggests; a path ends in a dot for all below it. */
const NARROWER_AT: Readonly<Record<string, (inherited: Leaf, own: Leaf) => Leaf>> = {
  'routing.': ownChoice,
  'toolPermissions.': stricterOf(ToolPermission.options),
  'screening.': stricterOf(ScreeningAction.options),
  instructions: bothSay,
  traceMessageText: bothAllow,
  'semanticCache.enabled': bothAllow,
  'semanticCache.similarity': (inherited, own) => Math.max(Number(inherited), Number(own)),
};

/** The narrower of two values: what both list, the smaller number, a hard limit, a refusal. */
function narrower(path: string, inherited: Leaf, own: Leaf): Leaf {
  const special = NARROWER_AT[path] ?? NARROWER_AT[path.slice(0, path.indexOf('.') + 1)];
  if (special) return special(inherited, own);
  if (typeof inherited === 'number') return Math.min(inherited, own as number);
  if (typeof inherited === 'boolean') return inherited || own;
  if (typeof inherited === 'string') return inherited === 'refuse' ? inherited : own;
  const both = inherited.filter((name) => (own as readonly string[]).includes(name));
  return both.length < inherited.length ? both : inherited;
}

/** A tenant's own default where it may use it, else the inherited one, else none. `auto` chooses among what is allowed. */
function defaultModel(decided: ReadonlyMap<string, Decided>, own: Decided | undefined): Decided | undefined {
  const allowed = decided.get('models')?.value as readonly string[] | undefined;
  const isAllowed = ({ value }: Decided) => value === AUTO_MODEL || !allowed || allowed.includes(String(value));
  return [own, decided.get('defaultModel')].find((choice) => choice && isAllowed(choice));
}

/**
 * What a tenant may do when all above it is taken into account: never more than its parent.
 * A path that is missing is not limited by anybody.
 */
export function narrowPolicy(
  inherited: EffectivePolicy,
  tenant: { readonly id: TenantId; readonly policy: Policy },
): EffectivePolicy {
  const source = tenant.id;
  const { defaultModel: ownDefault, ...own } = tenant.policy;
  const decided = new Map<string, Decided>(
    leavesOf(inherited.policy).map(([path, value]) => [path, { value, source: inherited.sources[path] ?? source }]),
  );
  for (const [path, value] of leavesOf(own)) {
    const above = decided.get(path);
    const narrowed = above ? narrower(path, above.value, value) : value;
    if (narrowed !== above?.value) decided.set(path, { value: narrowed, source });
  }
  const choice = defaultModel(decided, ownDefault === undefined ? undefined : { value: ownDefault, source });
  if (choice) decided.set('defaultModel', choice);
  else decided.delete('defaultModel');
  return {
    policy: policyOf(decided),
    sources: Object.fromEntries(Array.from(decided, ([path, leaf]) => [path, leaf.source])),
  };
}

const UNLIMITED: EffectivePolicy = { policy: {}, sources: {} };

/** The effective policy at the start of a chain: own tenant first, organisation last. */
export function effectivePolicyOf(
  chain: readonly { readonly id: TenantId; readonly policy: Policy }[],
): EffectivePolicy {
  return chain.reduceRight(narrowPolicy, UNLIMITED);
}
