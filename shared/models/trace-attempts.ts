import { metrics } from '../telemetry/metrics.ts';
import { startSpan } from '../telemetry/span.ts';
import { AttemptError } from './attempt-error.ts';
import type { DeploymentTarget, ModelTransport } from './model-transport.ts';

/** Makes every attempt at a deployment a span, until its answer has ended or it has failed, and measures it. */
export function traceAttempts(transport: ModelTransport): ModelTransport {
  return {
    async begin(target, request, timeouts, signal) {
      const startedAt = performance.now();
      const span = startSpan(`attempt ${target.key}`, {}, { kind: 'client' });
      if (span.isRecording) span.set(attributesOf(target));
      const end = (outcome: string) => {
        metrics.modelCallDuration.record((performance.now() - startedAt) / 1000, {
          'gen_ai.operation.name': request.operation,
          'gen_ai.request.model': target.model.name,
          deployment: target.key,
          region: target.endpoint.region,
          outcome,
        });
        if (outcome !== 'ok' && outcome !== 'stopped') span.failAs(outcome);
        span.end();
      };
      try {
        const begun = await span.within(() => transport.begin(target, request, timeouts, signal));
        span.addEvent('first token');
        void begun.outcome.then(({ failure }) => end(failure ? outcomeOf(failure.code, signal) : 'ok'));
        return begun;
      } catch (error) {
        end(outcomeOf(error instanceof AttemptError ? error.kind : 'internal', signal));
        throw error;
      }
    },
  };
}

/** That a caller gave up says nothing of the deployment. */
const outcomeOf = (failure: string, { aborted }: AbortSignal) => (aborted ? 'stopped' : failure);

const attributesOf = ({ key, endpoint }: DeploymentTarget) => ({
  'gen_ai.provider.name': endpoint.kind === 'openai' ? 'openai' : 'azure.ai.openai',
  'server.address': new URL(endpoint.url).hostname,
  'platform.deployment': key,
  'platform.region': endpoint.region,
});
