import type { AuditBlocks } from '../audit/audit-blocks.ts';
import type { AuditRemoval } from '../audit/audit-removal.ts';
import type { AuditRepository } from '../audit/audit-repository.ts';
import type { SemanticCache } from '../cache/semantic-cache.ts';
import { createDocumentRemoval, type DeleteStepOptions } from '../ingestion/delete-step.ts';
import type { IngestionQueues } from '../knowledge/ingestion-queues.ts';
import type { UserRepository } from '../tenants/user-repository.ts';
import { createAccountEraser } from './erase-account.ts';
import { createCachedAnswerEraser } from './erase-cached-answers.ts';
import { type ConversationStores, createRunEraser, createSessionEraser } from './erase-conversations.ts';
import { createDocumentEraser } from './erase-documents.ts';
import { createErasures, type Erasures, type ErasuresOptions } from './erasures.ts';
import { createAuditExpirer } from './expire-audit.ts';
import { createRunExpirer, createSessionExpirer } from './expire-conversations.ts';
import { createDocumentExpirer } from './expire-documents.ts';
import { createRetention, type Retention } from './retention.ts';

/** What is kept about people, and how long. */
export interface Privacy {
  readonly erasures: Erasures;
  readonly retention: Retention;
}

export type PrivacyOptions = Omit<ErasuresOptions, 'erasers'> &
  ConversationStores &
  Omit<DeleteStepOptions, 'repository' | 'records'> & {
    readonly documents: DeleteStepOptions['repository'];
    readonly queues: Pick<IngestionQueues, 'documentDelete'>;
    readonly users: UserRepository;
    readonly semanticCache: Pick<SemanticCache, 'forgetAsker'>;
    readonly auditRepository: AuditRepository;
    readonly auditRemoval: AuditRemoval;
    readonly auditBlocks: AuditBlocks;
  };

export function createPrivacy(options: PrivacyOptions): Privacy {
  const { documents, users } = options;
  const removeDocument = createDocumentRemoval({ ...options, repository: documents });
  return {
    erasures: createErasures({
      ...options,
      erasers: [
        createSessionEraser(options),
        createRunEraser(options),
        createDocumentEraser({ ...options, removeDocument }),
        createCachedAnswerEraser(options.semanticCache),
        createAccountEraser(users),
      ],
    }),
    retention: createRetention({
      ...options,
      expirers: [
        createSessionExpirer(options),
        createRunExpirer(options),
        createDocumentExpirer(options),
        createAuditExpirer({
          repository: options.auditRepository,
          removal: options.auditRemoval,
          blocks: options.auditBlocks,
        }),
      ],
    }),
  };
}
