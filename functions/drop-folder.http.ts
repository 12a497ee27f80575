import { z } from 'zod';
import {
  KnowledgeBaseStatus,
  ReconcileQuery,
  ReconcileReport,
  RetriedDocuments,
} from '../shared/contracts/drop-folder.ts';
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

export const knowledgeBaseStatus = endpoint({
  name: 'knowledge-bases-status',
  method: 'GET',
  route: 'api/v1/knowledge-bases/{knowledgeBaseId}/status',
  summary: 'Where its documents stand: counts, failures and problems',
  tag,
  permission: 'knowledge:write',
  params,
  responses: { 200: KnowledgeBaseStatus },
  handle: async ({ principal, params: { knowledgeBaseId }, services }) => ({
    body: await services.dropFolders.status(principal, knowledgeBaseId),
  }),
});

export const retryFailedDocuments = endpoint({
  name: 'knowledge-bases-retry-failed',
  audit: 'knowledge-base.failures-retried',
  method: 'POST',
  route: 'api/v1/knowledge-bases/{knowledgeBaseId}/retry-failed',
  summary: 'Process every document again that has failed',
  description: 'Runs for 45 seconds at most; `left` says whether to call again.',
  tag,
  permission: 'knowledge:write',
  params,
  responses: { 202: RetriedDocuments },
  handle: async ({ principal, params: { knowledgeBaseId }, services }) => ({
    body: await services.dropFolders.retryFailed(principal, knowledgeBaseId),
  }),
});
