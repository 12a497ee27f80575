import { currentTraceparent } from './trace-context.ts';

/** The field beside those of a message that says which trace it belongs to. */
const FIELD = 'traceparent';

/** A message with the trace that it is sent in, so that what it asks for becomes part of that trace. */
export function putIntoEnvelope(message: object): object {
  const traceparent = currentTraceparent();
  return traceparent === undefined ? message : { ...message, [FIELD]: traceparent };
}

/** Takes a message out again; one that was sent without a trace is as good. */
export function openEnvelope(payload: unknown): {
  readonly message: unknown;
  readonly traceparent: string | undefined;
} {
  if (typeof payload !== 'object' || payload === null || Array.isArray(payload)) {
    return { message: payload, traceparent: undefined };
  }
  const { [FIELD]: traceparent, ...message } = payload as Record<string, unknown>;
  return { message, traceparent: typeof traceparent === 'string' ? traceparent : undefined };
}
