import { startSpan } from '../telemetry/span.ts';
import { noteFirstToken, routeAttributes, usageAttributes } from './model-call-span.ts';
import type { ModelGateway } from './model-gateway.ts';

/**
 * Makes every request that is passed on to a model a span, until its answer has ended. For whoever uses the gateway itself:
 * what asks a `ChatModel` has the span of `traceChatModel`, and tokens are to be counted once.
 */
export function traceModelGateway(gateway: ModelGateway): ModelGateway {
  return {
    ...gateway,
    async send(user, request, signal) {
      const { operation, model, stream, maxOutputTokens } = request;
      const askedAt = performance.now();
      const span = startSpan(
        `${operation} ${model.name}`,
        {
          'gen_ai.operation.name': operation,
          'gen_ai.request.model': model.name,
          'gen_ai.request.stream': stream,
          ...(maxOutputTokens !== undefined && { 'gen_ai.request.max_tokens': maxOutputTokens }),
        },
        { kind: 'client' },
      );
      try {
        const answer = await span.within(() => gateway.send(user, request, signal));
        noteFirstToken(span, model.name, askedAt);
        span.set(routeAttributes(answer.route));
        void answer.outcome.then(({ usage, finishReason, failure }) => {
          span.set(usageAttributes(usage, finishReason));
          if (failure) span.fail(failure);
          span.end();
        });
        return answer;
      } catch (error) {
        span.fail(error);
        span.end();
        throw error;
      }
    },
  };
}
