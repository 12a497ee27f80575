import { randomBytes, randomUUID } from 'node:crypto';
import type { AppState } from './core-module.ts';
import type {
  CoreInvocationContext,
  FunctionMetadata,
  InvocationRequest,
  InvocationResponse,
  RpcTraceContext,
  RpcTypedData,
} from './core-types.ts';
import type { Log } from './log.ts';

const TRACE_PARENT = /^[\da-f]{2}-[\da-f]{32}-[\da-f]{16}-[\da-f]{2}$/;

/** What starts one call of a function. */
interface InvocationInput {
  readonly functionName: string;
  /** For the log only: why the function runs. */
  readonly reason: string;
  readonly data: RpcTypedData;
  readonly triggerMetadata: Record<string, RpcTypedData>;
  readonly invocationId?: string;
  readonly traceParent?: string | undefined;
  readonly traceState?: string | undefined;
}

/** Calls functions, and knows which calls have not ended. */
export interface Invoker {
  /** Rejects with what the function threw, or when host.json's `functionTimeout` has passed. */
  invoke(input: InvocationInput): Promise<InvocationResponse>;
  /** Waits for the running calls, at most so many milliseconds; tells whether all have ended. */
  drain(milliseconds: number): Promise<boolean>;
}

/** Makes the invoker of a loaded app; `functionTimeout` is in milliseconds, undefined for none. */
export function createInvoker(app: AppState, log: Log, functionTimeout: number | undefined): Invoker {
  const running = new Set<Promise<unknown>>();
  return {
    async invoke(input) {
      const request = toRequest(app, input);
      const call = timed(runLogged(app, log, request, input), functionTimeout, input.functionName);
      running.add(call);
      try {
        return await call;
      } finally {
        running.delete(call);
      }
    },
    async drain(milliseconds) {
      const deadline = Promise.withResolvers<boolean>();
      const timer = setTimeout(deadline.resolve, milliseconds, false);
      const ended = await Promise.race([Promise.allSettled(running).then(() => true), deadline.promise]);
      clearTimeout(timer);
      return ended;
    },
  };
}

function toRequest(app: AppState, input: InvocationInput): InvocationRequest {
  const metadata = app.functions.get(input.functionName)?.metadata;
  if (!metadata) throw new Error(`Function code for '${input.functionName}' is not loaded and cannot be invoked.`);
  const [name = ''] = Object.entries(metadata.bindings).find(([, binding]) => /trigger$/i.test(binding.type)) ?? [];
  return {
    invocationId: input.invocationId ?? randomUUID(),
    functionId: metadata.functionId ?? metadata.name,
    inputData: [{ name, data: input.data }],
    triggerMetadata: input.triggerMetadata,
    traceContext: toTraceContext(input),
  };
}

function toTraceContext(input: InvocationInput): RpcTraceContext {
  const { traceParent = '' } = input;
  const isValid = TRACE_PARENT.test(traceParent);
  return {
    traceParent: isValid ? traceParent : `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-01`,
    traceState: (isValid && input.traceState) || '',
    attributes: {},
  };
}

async function runLogged(app: AppState, log: Log, request: InvocationRequest, input: InvocationInput) {
  const { functionName } = input;
  const { invocationId } = request;
  const origin = { category: `Function.${functionName}`, function: functionName, invocationId };
  const started = performance.now();
  log({
    ...origin,
    level: 'information',
    message: `Executing 'Functions.${functionName}' (Reason='${input.reason}', Id=${invocationId})`,
  });
  const executed = (outcome: string) =>
    `Executed 'Functions.${functionName}' (${outcome}, Id=${invocationId}, Duration=${Math.round(performance.now() - started)}ms)`;
  try {
    const response = await run(app, log, request);
    log({ ...origin, level: 'information', message: executed('Succeeded') });
    return response;
  } catch (error) {
    const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
    log({ ...origin, level: 'error', message: `${executed('Failed')}: ${detail}` });
    throw error;
  }
}

async function run(app: AppState, log: Log, request: InvocationRequest): Promise<InvocationResponse> {
  const registered = app.functions.get(request.functionId);
  if (!registered || !app.programmingModel) throw new Error(`Function '${request.functionId}' is not loaded.`);
  const coreContext = createCoreContext(registered.metadata, request, log);
  const model = await app.programmingModel.getInvocationModel(coreContext);
  const { context, inputs } = await model.getArguments();
  const shared = { hookData: {}, appHookData: app.appHookData, invocationContext: context };

  const before = { ...shared, inputs, functionCallback: registered.callback };
  coreContext.state = 'preInvocationHooks';
  await app.runHooks('preInvocation', before);

  const after = { ...shared, inputs: before.inputs, result: null as unknown, error: null as unknown };
  coreContext.state = 'invocation';
  try {
    after.result = await model.invokeFunction(context, before.inputs, before.functionCallback);
  } catch (error) {
    // The worker treats only errors as failures, so a thrown string would pass; here nothing thrown may pass.
    after.error = error instanceof Error ? error : new Error(String(error));
  }
  coreContext.state = 'postInvocationHooks';
  await app.runHooks('postInvocation', after);
  coreContext.state = undefined;
  if (after.error) throw after.error;
  return model.getResponse(context, after.result);
}

function createCoreContext(metadata: FunctionMetadata, request: InvocationRequest, log: Log): CoreInvocationContext {
  const { invocationId } = request;
  return {
    invocationId,
    request,
    metadata,
    state: undefined,
    log: (level, logCategory, message) =>
      log({
        level,
        category: `Function.${metadata.name}.${logCategory === 'user' ? 'User' : 'System'}`,
        function: metadata.name,
        invocationId,
        message,
      }),
  };
}

async function timed<Value>(work: Promise<Value>, milliseconds: number | undefined, name: string): Promise<Value> {
  if (milliseconds === undefined) return work;
  const timeout = Promise.withResolvers<never>();
  const message = `Timeout value of ${milliseconds / 1000} s was exceeded by function 'Functions.${name}'.`;
  const timer = setTimeout(() => timeout.reject(new Error(message)), milliseconds);
  try {
    return await Promise.race([work, timeout.promise]);
  } finally {
    clearTimeout(timer);
  }
}
