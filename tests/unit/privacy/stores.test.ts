import { expect, it } from 'vitest';
import { CONTAINERS } from '../../../shared/adapters/blob-storage/containers.ts';
import { containers } from '../../../shared/adapters/cosmos/containers.ts';
import { erasedStores, keptStores } from '../../../shared/privacy/stores.ts';

it('erases from every store, or says why it is kept', () => {
  const stores = [
    ...Object.keys(containers).map((name) => `database/${name}`),
    ...CONTAINERS.map((name) => `files/${name}`),
    'vectors/chunks',
    'vectors/semantic-cache',
  ];
  const named = [...Object.keys(erasedStores), ...Object.keys(keptStores)];
  expect(named.toSorted()).toEqual(stores.toSorted());
});
