import type { Erasure } from '../../contracts/privacy.ts';
import { AppError } from '../../errors.ts';
import type { ErasureRepository } from '../../privacy/erasure-repository.ts';
import type { Cosmos } from './client.ts';
import { createItemStore } from './item-store.ts';

export function createErasureRepository(cosmos: Cosmos): ErasureRepository {
  const items = createItemStore<Erasure>(cosmos, 'erasures');
  return {
    find: (tenantId, id) => items.read([tenantId], id),
    async create(erasure) {
      await items.create(erasure);
    },
    async replace(erasure, etag) {
      const replaced = await items.replace([erasure.tenantId], erasure, etag);
      if (!replaced) throw new AppError('precondition_failed', 'The erasure was removed meanwhile.');
      return replaced;
    },
  };
}
