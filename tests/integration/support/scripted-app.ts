import { type CatalogInput, hashingModel, modelsFile } from './models-file.ts';
import { stack, startAnotherApp } from './platform.ts';
import { type ScriptedModel, startScriptedModel } from './scripted-model.ts';

/** An instance of the app whose models say what a test tells them to. */
export interface ScriptedApp {
  readonly url: string;
  readonly model: ScriptedModel;
  stop(): Promise<void>;
}

/** With the models that are there without a catalog, and `settings` besides. */
export function startScriptedApp(settings: Readonly<Record<string, string>> = {}): Promise<ScriptedApp> {
  return startAppAt((url) => ({ AZURE_OPENAI_ENDPOINT: url, ...settings }));
}

/** With a catalog of models that are all at the endpoint `here`. */
export function startCatalogApp(chatModels: CatalogInput['models']): Promise<ScriptedApp> {
  return startAppAt((url) => {
    const endpoint = { kind: 'azure' as const, url, region: 'here', zone: 'here' };
    const env = modelsFile({
      endpoints: { here: { ...endpoint, apiKeySetting: 'TEST_MODEL_KEY' } },
      models: [...chatModels, hashingModel('here')],
    });
    return { ...env };
  });
}

async function startAppAt(envOf: (modelUrl: string) => Record<string, string>): Promise<ScriptedApp> {
  const model = await startScriptedModel(stack.urls.models);
  const app = await startAnotherApp({ env: envOf(model.url) });
  return {
    url: app.url,
    model,
    async stop() {
      await app.stop();
      await model.stop();
    },
  };
}
