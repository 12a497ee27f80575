type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/**
 * What spans are called: a closed set, of few values each, so that a backend can group by them. Models, tools, routes and
 * queues are configured or declared; nothing that a caller chooses is part of a name.
 */
export type SpanName =
  | `${Method} /${string}`
  | `process ${string}`
  | `send ${string}`
  | `timer ${string}`
  | `blob ${string}`
  | 'authenticate'
  | 'policy'
  | 'reserve'
  | 'settle'
  | 'route'
  | 'persist'
  | 'cache lookup'
  | 'check support'
  | 'rewrite question'
  | 'rerank'
  | 'retrieval'
  | `attempt ${string}`
  | `chat ${string}`
  | `embeddings ${string}`
  | `execute_tool ${string}`
  | `invoke_agent ${string}`
  | 'extract'
  | 'recognize'
  | 'chunk'
  | 'screen'
  | 'index'
  | 'go live';

/** Moments within a span. */
export type SpanEventName = 'first token' | 'failover' | 'retry' | 'stopped' | 'refused';
