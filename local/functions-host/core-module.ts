/**
 * The `@azure/functions-core` module, which exists only inside a worker: `@azure/functions` requires it to reach the
 * host. It behaves as the one in azure-functions-nodejs-worker (src/setupCoreModule.ts, src/coreApi, src/hooks).
 */
import { Module } from 'node:module';
import type { FunctionCallback, FunctionMetadata, LogLevel, ProgrammingModel } from './core-types.ts';
import type { Log } from './log.ts';

const WORKER_VERSION = '3.12.0';
const HOOK_NAMES = ['appStart', 'appTerminate', 'preInvocation', 'postInvocation'] as const;

type HookName = (typeof HOOK_NAMES)[number];
type HookCallback = (context: object) => unknown;

/** A function that the app has registered. */
interface RegisteredFunction {
  readonly metadata: FunctionMetadata;
  readonly callback: FunctionCallback;
}

/** Everything the app has told its host through the core module. */
export interface AppState {
  readonly functions: Map<string, RegisteredFunction>;
  /** Shared by all hooks. */
  readonly appHookData: Record<string, unknown>;
  /** Shared by `appStart` and `appTerminate` only. */
  readonly appLevelOnlyHookData: Record<string, unknown>;
  programmingModel: ProgrammingModel | undefined;
  /** Set once start-up has ended: nothing can be registered afterwards. */
  locked: boolean;
  runHooks(name: HookName, context: object): Promise<void>;
}

class Disposable {
  readonly #dispose: () => void;
  constructor(dispose: () => void) {
    this.#dispose = dispose;
  }
  static from(...disposables: { dispose(): void }[]): Disposable {
    return new Disposable(() => {
      for (const disposable of disposables) disposable.dispose();
    });
  }
  dispose(): void {
    this.#dispose();
  }
}

/** Makes `require('@azure/functions-core')` answer in this process, and returns what the app registers through it. */
export function installCoreModule(log: Log, hostVersion: string): AppState {
  const hooks = new Map<string, HookCallback[]>(HOOK_NAMES.map((name) => [name, []]));
  const app: AppState = {
    functions: new Map(),
    appHookData: {},
    appLevelOnlyHookData: {},
    programmingModel: undefined,
    locked: false,
    async runHooks(name, context) {
      for (const callback of hooks.get(name) ?? []) await callback(context);
    },
  };
  interceptRequire({
    version: WORKER_VERSION,
    hostVersion,
    workerConfig: {},
    Disposable,
    getProgrammingModel: () => app.programmingModel,
    setProgrammingModel: (model: ProgrammingModel) => {
      app.programmingModel = model;
    },
    log: (level: LogLevel, category: string, message: string) =>
      log({ level, category: `Worker.${category}`, message }),
    registerHook: (name: string, callback: HookCallback) => registerHook(hooks, name, callback),
    registerFunction: (metadata: FunctionMetadata, callback: FunctionCallback) =>
      registerFunction(app, metadata, callback),
  });
  return app;
}

function interceptRequire(coreModule: object): void {
  Module.prototype.require = new Proxy(Module.prototype.require, {
    apply: (target, self, args) =>
      args[0] === '@azure/functions-core' ? coreModule : Reflect.apply(target, self, args),
  });
}

function registerHook(hooks: Map<string, HookCallback[]>, name: string, callback: HookCallback): Disposable {
  const callbacks = hooks.get(name);
  if (!callbacks) throw new RangeError(`Unrecognized hook "${name}"`);
  callbacks.push(callback);
  return new Disposable(() => {
    const index = callbacks.indexOf(callback);
    if (index >= 0) callbacks.splice(index, 1);
  });
}

function registerFunction(app: AppState, metadata: FunctionMetadata, callback: FunctionCallback): Disposable {
  if (app.locked) throw new Error('A function can only be registered during app startup.');
  const id = metadata.functionId ?? metadata.name;
  if (app.functions.has(id)) throw new Error(`A function with id "${id}" has already been registered.`);
  app.functions.set(id, { metadata: { ...metadata, functionId: id }, callback });
  return new Disposable(() => {
    if (app.locked) throw new Error('A function can only be disposed during app startup.');
    app.functions.delete(id);
  });
}
