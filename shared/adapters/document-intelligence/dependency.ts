import type { Dependency } from '../../health.ts';
import type { RecognitionConfig } from '../../settings/recognition-settings.ts';
import { API_VERSION, createServiceCall, unavailable } from './service-call.ts';

/** Whether Azure Document Intelligence answers and accepts our credentials; reads no page. */
export function createTextRecognitionDependency(config: RecognitionConfig): Dependency {
  const call = createServiceCall(config);
  return {
    name: 'document-intelligence',
    advice: 'Check DOCUMENT_INTELLIGENCE_ENDPOINT, and DOCUMENT_INTELLIGENCE_KEY or the managed identity.',
    async check(signal) {
      const { status } = await call({ path: `/documentintelligence/info?api-version=${API_VERSION}`, signal });
      if (status >= 400) throw unavailable(`answered ${status}`);
    },
  };
}
