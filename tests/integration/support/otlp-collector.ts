import { json, type ScriptedRequest, type ScriptedServer, startScriptedServer } from '../scripted-server.ts';
import { eventually } from './platform.ts';

type Attributes = Readonly<Record<string, unknown>>;

export interface CollectedSpan {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly kind: number;
  readonly attributes: Attributes;
  readonly status: { readonly code?: number; readonly message?: string };
  readonly resource: Attributes;
}

/** A collector of OTLP over HTTP in JSON, that says what it got. */
export interface OtlpCollector extends ScriptedServer {
  spans(traceId?: string): CollectedSpan[];
  /** Waits until a trace has a span of each name, and returns the whole of it. */
  trace(traceId: string, ...names: readonly string[]): Promise<CollectedSpan[]>;
}

export async function startOtlpCollector(): Promise<OtlpCollector> {
  const server = await startScriptedServer();
  server.answer(json(200, {}));
  const spans = (traceId?: string) =>
    server.requests.flatMap(spansOf).filter((span) => traceId === undefined || span.traceId === traceId);
  return {
    ...server,
    spans,
    trace: (traceId, ...names) =>
      eventually(async () => {
        const found = spans(traceId);
        return names.every((name) => found.some((span) => span.name === name)) ? found : undefined;
      }),
  };
}

/** Each span below its parents, as `parent > child`, sorted. */
export function pathsOf(spans: readonly CollectedSpan[]): string[] {
  const byId = new Map(spans.map((span) => [span.spanId, span]));
  const pathOf = (span: CollectedSpan): string => {
    const parent = byId.get(span.parentSpanId ?? '');
    return parent ? `${pathOf(parent)} > ${span.name}` : span.name;
  };
  return spans.map(pathOf).toSorted();
}

interface AnyValue {
  readonly stringValue?: string;
  readonly intValue?: number | string;
  readonly doubleValue?: number;
  readonly boolValue?: boolean;
  readonly arrayValue?: { readonly values: readonly AnyValue[] };
}
type KeyValues = readonly { readonly key: string; readonly value: AnyValue }[];
interface TraceRequest {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: KeyValues };
    readonly scopeSpans: readonly { readonly spans: readonly (CollectedSpan & { readonly attributes: KeyValues })[] }[];
  }[];
}

function spansOf({ path, body }: ScriptedRequest): CollectedSpan[] {
  if (!path.endsWith('/v1/traces')) return [];
  const { resourceSpans } = JSON.parse(body) as TraceRequest;
  return resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) =>
      spans.map((span) => ({
        ...span,
        attributes: toRecord(span.attributes),
        resource: toRecord(resource.attributes),
      })),
    ),
  );
}

const toRecord = (pairs: KeyValues): Attributes =>
  Object.fromEntries(pairs.map(({ key, value }) => [key, toValue(value)]));

function toValue({ stringValue, intValue, doubleValue, boolValue, arrayValue }: AnyValue): unknown {
  if (arrayValue) return arrayValue.values.map(toValue);
  if (intValue !== undefined) return Number(intValue);
  return stringValue ?? doubleValue ?? boolValue;
}
