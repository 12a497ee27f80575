import { createDocumentRemoval, type DeleteStepOptions } from '../ingestion/delete-step.ts';
import type { IngestionQueues } from '../knowledge/ingestion-queues.ts';
import type { UserRepository } from '../tenants/user-repository.ts';
import { createAccountEraser } from './erase-account.ts';
import { type ConversationStores, createRunEraser, createSessionEraser } from './erase-conversations.ts';
import { createDocumentEraser } from './erase-documents.ts';
import { createErasures, type Erasures, type ErasuresOptions } from './erasures.ts';
import { createRunExpirer, createSessionExpirer } from './expire-conversations.ts';
import { createDocumentExpirer } from './expire-documents.ts';
import type { Expirer } from './expirer.ts';
import { createRetention, type Retention } from './retention.ts';

/** What is kept about people, and how long. */
export interface Privacy {
  readonly erasures: Erasures;
  readonly retention: Retention;
}

export type PrivacyOptions = Omit<ErasuresOptions, 'erasers'> &
  ConversationStores &
  Omit<DeleteStepOptions, 'repository'> & {
    readonly documents: DeleteStepOptions['repository'];
    readonly queues: Pick<IngestionQueues, 'documentDelete'>;
    readonly users: UserRepository;
    /** Of the domains that remove what has expired by themselves. */
    readonly moreExpirers?: readonly Expirer[];
  };

export function createPrivacy(options: PrivacyOptions): Privacy {
  const { documents, users, moreExpirers = [] } = options;
  const removeDocument = createDocumentRemoval({ ...options, repository: documents });
  return {
    erasures: createErasures({
      ...options,
      erasers: [
        createSessionEraser(options),
        createRunEraser(options),
        createDocumentEraser({ ...options, removeDocument }),
        createAccountEraser(users),
      ],
    }),
    retention: createRetention({
      ...options,
      expirers: [
        createSessionExpirer(options),
        createRunExpirer(options),
        createDocumentExpirer(options),
        ...moreExpirers,
      ],
    }),
  };
}
