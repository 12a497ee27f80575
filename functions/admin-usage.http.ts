import { UsageQuery, UsageReport } from '../shared/contracts/usage.ts';
import { endpoint } from '../shared/edge/endpoint.ts';
import { focusCsv } from '../shared/usage/focus.ts';
import { reportCsv } from '../shared/usage/report-csv.ts';

export const getUsage = endpoint({
  name: 'admin-usage-get',
  method: 'GET',
  route: 'api/v1/admin/usage',
  summary: 'Tokens and money that were spent',
  description:
    'In groups, as JSON or CSV; or every total with the columns of FOCUS 1.2, for chargeback. Money is in micro-dollars, ' +
    'in FOCUS in dollars. Administrators may ask about the tenants below theirs.',
  tag: 'Administration',
  permission: 'usage:read',
  audit: 'usage.reported',
  query: UsageQuery,
  responses: { 200: UsageReport },
  handle: async ({ principal, query, services }) => {
    const { reports } = services.usage;
    if (query.format === 'focus') return csv(query, focusCsv(await reports.charges(principal, query)));
    const report = await reports.report(principal, query);
    return query.format === 'csv' ? csv(query, reportCsv(report)) : { body: report };
  },
});

function csv({ format, from, to }: UsageQuery, content: string) {
  const headers = { 'content-disposition': `attachment; filename="usage-${format}-${from}-${to}.csv"` };
  return { headers, raw: { contentType: 'text/csv; charset=utf-8', content } };
}
