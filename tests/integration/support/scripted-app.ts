import type { App } from '../../../local/stack.ts';
import { type CatalogInput, hashingModel, modelsFile } from './models-file.ts';
import { stack, startAnotherApp } from './platform.ts';
import { type ScriptedModel, startScriptedModel } from './scripted-model.ts';

/** An instance of the app whose models, all at the endpoint `here`, say what a test tells them to. */
export interface ScriptedApp {
  readonly url: string;
  readonly model: ScriptedModel;
  stop(): Promise<void>;
}

export async function startScriptedApp(chatModels: CatalogInput['models']): Promise<ScriptedApp> {
  const model = await startScriptedModel(stack.urls.models);
  const endpoint = { kind: 'azure' as const, url: model.url, region: 'here', zone: 'here' };
  const env = modelsFile({
    endpoints: { here: { ...endpoint, apiKeySetting: 'TEST_MODEL_KEY' } },
    models: [...chatModels, hashingModel('here')],
  });
  const app: App = await startAnotherApp({ env: { ...env } });
  return {
    url: app.url,
    model,
    async stop() {
      await app.stop();
      await model.stop();
    },
  };
}
