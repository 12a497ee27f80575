import type { ModelConfig } from '../../config.ts';
import { AppError } from '../../errors.ts';
import type { Dependency } from '../../health.ts';
import { toModelError } from './model-failure.ts';
import { openaiClient } from './openai-client.ts';

/** Whether the models' service answers and accepts our credentials; costs no tokens. */
export function createModelDependency(config: ModelConfig): Dependency {
  const connect = openaiClient(config);
  return {
    name: 'models',
    advice: 'Check that the models can be reached, and the AZURE_OPENAI_… or OPENAI_… settings.',
    async check(signal) {
      const client = await connect();
      try {
        await client.models.list({ signal });
      } catch (error) {
        // A gateway that passes on chat and embeddings only is up as well.
        if ((error as { status?: number }).status === 404) return;
        if (signal.aborted) throw new AppError('upstream_timeout', "The model's service did not answer in time.");
        throw toModelError(error, config, config.chatDeployment);
      }
    },
  };
}
