import type { Dependency } from '../../health.ts';
import { QDRANT_LIMITS, type QdrantConfig, qdrantCall } from './qdrant-client.ts';

/** Whether Qdrant answers and accepts our key. */
export function createQdrantDependency(config: QdrantConfig): Dependency {
  const call = qdrantCall(config, { ...QDRANT_LIMITS, tries: 1 });
  return {
    name: 'qdrant',
    advice: 'Check that Qdrant runs, and QDRANT_URL and QDRANT_API_KEY.',
    async check() {
      await call((client) => client.getCollections());
    },
  };
}
