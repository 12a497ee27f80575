import { AuditExportQuery, AuditItem, AuditQuery, AuditReport, AuditVerifyQuery } from '../shared/contracts/audit.ts';
import { pageOf } from '../shared/contracts/paging.ts';
import { endpoint } from '../shared/edge/endpoint.ts';

const tag = 'Administration: audit';
const permission = 'audit:read';

export const listAudit = endpoint({
  name: 'admin-audit-list',
  method: 'GET',
  route: 'api/v1/admin/audit',
  summary: 'Who did what, the newest first',
  tag,
  permission,
  query: AuditQuery,
  responses: { 200: pageOf(AuditItem) },
  handle: async ({ principal, query, services }) => ({ body: await services.audit.records.list(principal, query) }),
});

export const exportAudit = endpoint({
  name: 'admin-audit-export',
  audit: 'audit.exported',
  method: 'GET',
  route: 'api/v1/admin/audit/export',
  summary: 'All acts of at most 31 days as NDJSON, the oldest first',
  description:
    'Holds at most 50,000 acts. When there are more, the last line is `{"continuesAfter":"aud_…"}`: ask again with that `after`.',
  tag,
  permission,
  query: AuditExportQuery,
  responses: { 200: { contentType: 'application/x-ndjson', description: 'One act a line' } },
  handle: async ({ principal, query, services }) => ({
    raw: { contentType: 'application/x-ndjson', content: await services.audit.records.export(principal, query) },
  }),
});

export const verifyAudit = endpoint({
  name: 'admin-audit-verify',
  audit: 'audit.verified',
  method: 'GET',
  route: 'api/v1/admin/audit/verify',
  summary: 'Whether an act was removed, changed, inserted or moved since it was sealed',
  description: 'Checks at most 100 blocks; go on with `fromBlock` = `nextBlock` until that is null.',
  tag,
  permission,
  query: AuditVerifyQuery,
  responses: { 200: AuditReport },
  handle: async ({ principal, query, services }) => ({ body: await services.audit.records.verify(principal, query) }),
});
