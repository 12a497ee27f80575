import { isAppError } from '../errors.ts';
import type { Tool, ToolContext, ToolResult } from './tool.ts';

export type ToolOutcome =
  | { readonly status: 'done'; readonly result: ToolResult }
  /** What went wrong, for the model and for the reader; the cause, for us, of what should not happen. */
  | { readonly status: 'failed'; readonly reason: string; readonly cause?: unknown }
  /** The run was stopped meanwhile. */
  | { readonly status: 'stopped' };

const CUT = '\n… (cut: the result is longer)';

/** Runs a tool with checked input, within its limits of time and size. Never fails. */
export async function runTool(tool: Tool, input: unknown, context: ToolContext): Promise<ToolOutcome> {
  if (context.signal.aborted) return { status: 'stopped' };
  const timeout = AbortSignal.timeout(tool.timeoutMilliseconds);
  const signal = AbortSignal.any([context.signal, timeout]);
  try {
    const result = await unlessAborted(tool.run(input, { ...context, signal }), signal);
    return { status: 'done', result: { ...result, text: cutTo(result.text, tool.maxResultCharacters) } };
  } catch (error) {
    if (context.signal.aborted) return { status: 'stopped' };
    if (timeout.aborted) return { status: 'failed', reason: 'The tool did not answer in time.' };
    if (isAppError(error)) return { status: 'failed', reason: error.message };
    return { status: 'failed', reason: 'The tool failed.', cause: error };
  }
}

/** A tool that does not listen to its signal is left behind. */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
    aborted.promise.catch(() => undefined);
    work.catch(() => undefined);
  }
}

function cutTo(text: string, characters: number): string {
  return text.length > characters ? text.slice(0, characters).toWellFormed() + CUT : text;
}
