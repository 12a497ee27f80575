import type { TenantId } from '../contracts/identifiers.ts';
import type { UsageGrouping, UsageQuery, UsageReport, UsageSums } from '../contracts/usage.ts';
import { AppError } from '../errors.ts';
import type { Principal } from '../identity/principal.ts';
import { dayBefore, nextMonth } from './tenant-day.ts';
import type { UsageRepository, UsageSpan } from './usage-repository.ts';
import { addSums, NO_USAGE, type UsageTotal } from './usage-total.ts';
import type { UsageTotals } from './usage-totals.ts';

const MAX_ROWS = 10_000;

/** What was spent, for whoever may know: one's own tenant, or one that one administers. */
export interface UsageReports {
  /** The totals of a span in groups. @throws AppError `not_found` for a tenant of others, `unprocessable` above 10,000 rows */
  report(principal: Principal, query: UsageQuery): Promise<UsageReport>;
  /** The totals of a span as they are, and the organisation that pays for them. Throws as `report`. */
  charges(principal: Principal, query: UsageQuery): Promise<UsageCharges>;
}

export interface UsageCharges {
  readonly organisationId: TenantId;
  readonly totals: readonly UsageTotal[];
}

export interface UsageReportsOptions {
  readonly repository: UsageRepository;
  readonly totals: UsageTotals;
  /** @throws AppError `not_found` for a tenant that the principal does not administer. */
  readonly organisationOf: (principal: Principal, tenantId: TenantId) => Promise<TenantId>;
}

export function createUsageReports({ repository, totals, organisationOf }: UsageReportsOptions): UsageReports {
  /** Days that still wait to be added up are added up first: a report right after a call has it. */
  async function* completeTotals(span: UsageSpan): AsyncGenerator<UsageTotal> {
    await totals.settleSpan(span);
    for (const { from, to } of months(span)) {
      for await (const page of repository.totals(span.tenantId, from, to)) for (const { value } of page) yield value;
    }
  }

  return {
    async report(principal, { from, to, groupBy, tenantId = principal.tenantId }) {
      await payer(principal, tenantId, organisationOf);
      const groups = new Map<string | null, UsageSums>();
      let total = NO_USAGE;
      for await (const one of completeTotals({ tenantId, from, to })) {
        const group = GROUP_OF[groupBy](one);
        groups.set(group, addSums(groups.get(group) ?? NO_USAGE, one));
        total = addSums(total, one);
        requireFewRows(groups.size);
      }
      return { tenantId, from, to, groupBy, groups: sorted(groups), total };
    },
    async charges(principal, { from, to, tenantId = principal.tenantId }) {
      const organisationId = await payer(principal, tenantId, organisationOf);
      const charges: UsageTotal[] = [];
      for await (const one of completeTotals({ tenantId, from, to })) {
        charges.push(one);
        requireFewRows(charges.length);
      }
      return { organisationId, totals: charges.sort((one, other) => (one.day < other.day ? -1 : 1)) };
    },
  };
}

const GROUP_OF: Readonly<Record<UsageGrouping, (total: UsageTotal) => string | null>> = {
  day: ({ day }) => day,
  model: ({ model }) => model,
  user: ({ userId }) => userId,
  'knowledge-base': ({ knowledgeBaseId }) => knowledgeBaseId,
  kind: ({ kind }) => kind,
};

/** The organisation above a tenant. Only administrators may ask about another tenant than their own. */
async function payer(
  principal: Principal,
  tenantId: TenantId,
  organisationOf: UsageReportsOptions['organisationOf'],
): Promise<TenantId> {
  if (tenantId === principal.tenantId) return principal.tenantChain.at(-1)?.id ?? tenantId;
  const isAdministrator = principal.permissions.has('tenant:admin') || principal.permissions.has('platform:admin');
  if (!isAdministrator) throw new AppError('not_found', 'There is no such tenant.');
  return organisationOf(principal, tenantId);
}

/** A span in pieces that lie in one month each. */
function months({ from, to }: UsageSpan): { from: string; to: string }[] {
  const pieces: { from: string; to: string }[] = [];
  for (let start = from; start <= to; start = nextMonth(start)) {
    const last = dayBefore(nextMonth(start));
    pieces.push({ from: start, to: last < to ? last : to });
  }
  return pieces;
}

function sorted(groups: ReadonlyMap<string | null, UsageSums>): UsageReport['groups'] {
  return [...groups]
    .sort(([one], [other]) => ((one ?? '') < (other ?? '') ? -1 : 1))
    .map(([group, sums]) => ({ group, ...sums }));
}

function requireFewRows(rows: number): void {
  if (rows <= MAX_ROWS) return;
  throw new AppError('unprocessable', `That is more than ${MAX_ROWS} rows. Ask for fewer days.`);
}
