import { z } from 'zod';
import { ReconcileQuery, ReconcileReport } from '../shared/contracts/drop-folder.ts';
import { KnowledgeBaseId } from '../shared/contracts/identifiers.ts';
import { endpoint } from '../shared/edge/endpoint.ts';

const tag = 'Drop folder';
const params = z.object({ knowledgeBaseId: KnowledgeBaseId });

export const reconcileKnowledgeBase = endpoint({
  name: 'knowledge-bases-reconcile',
  audit: 'knowledge-base.reconciled',
  method: 'POST',
  route: 'api/v1/knowledge-bases/{knowledgeBaseId}/reconcile',
  summary: 'Find and mend what events have missed',
  description:
    'Compares the drop folder, the documents, their vectors and their files, as the hourly check does. Runs for 45 seconds ' +
    'at most; the next call goes on where it stopped.',
  tag,
  permission: 'knowledge:write',
  params,
  query: ReconcileQuery,
  responses: { 200: ReconcileReport },
  handle: async ({ principal, params: { knowledgeBaseId }, query, services }) => ({
    body: await services.dropFolders.reconcile(principal, knowledgeBaseId, query.confirmRemovals === 'true'),
  }),
});
