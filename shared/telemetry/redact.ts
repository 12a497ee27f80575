const SECRET_NAME =
  /authorization|token$|secret|password|(?:api|access|account|functions|subscription)[-_]?key|connectionstring|cookie|^sig(?:nature)?$|^key$/i;
const TEXT_NAME = /^(text|message|prompt|content|question|query|answer|snippet|body)$/i;
/** In this order: a header's value goes as a whole, before a part of it is taken for something else. */
const SECRETS_IN_TEXT: readonly (readonly [RegExp, string])[] = [
  [/(\bauthorization["']?\s*[:=]\s*["']?)(?:[a-z]+\s+)?[^\s"',;]+/gi, '$1[redacted]'],
  [/\bBearer\s+[\w\-.~+/]+=*/gi, 'Bearer [redacted]'],
  [/([?&](?:sig|code|api-key|access_token)=)[^&\s"']+/gi, '$1[redacted]'],
  [/\b(AccountKey|SharedAccessSignature)=[^;\s"']+/gi, '$1=[redacted]'],
  [/\b((?:api|functions|subscription)[-_]?key|password|secret)(["']?\s*[:=]\s*["']?)[^;,\s"']+/gi, '$1$2[redacted]'],
  [/(\/\/[^\s/:@]*:)[^\s/@]+@/g, '$1[redacted]@'],
  [/\beyJ[\w-]+\.[\w-]+\.[\w-]*/g, '[redacted token]'],
  [/\bsk-[\w-]{16,}/g, '[redacted key]'],
  [/\beap_[\w-]{16,}/g, '[redacted key]'],
];
const MAX_DEPTH = 6;
const MAX_STRING = 2_000;

/** Takes out secrets that are recognisable in free text, such as an SDK's error message. */
export function redactText(text: string): string {
  const clean = SECRETS_IN_TEXT.reduce((result, [pattern, replacement]) => result.replace(pattern, replacement), text);
  // Not before: half a secret would no longer look like one.
  return clean.length > MAX_STRING ? `${clean.slice(0, MAX_STRING)}…` : clean;
}

/** A copy that is fit for logs: fields named like secrets or like message text are blanked, errors become plain facts. */
export function redact(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return redactText(value);
  if (value instanceof Error) return redactError(value, depth);
  if (value instanceof Date) return value;
  if (value instanceof URL) return redactText(value.href);
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= MAX_DEPTH) return '[deep]';
  if (Array.isArray(value)) return value.map((item) => redact(item, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [
      name,
      SECRET_NAME.test(name) || TEXT_NAME.test(name) ? '[redacted]' : redact(field, depth + 1),
    ]),
  );
}

function redactError(error: Error, depth: number): Record<string, unknown> {
  return {
    type: error.name,
    code: 'code' in error ? error.code : undefined,
    reason: redactText(error.message),
    stack: error.stack === undefined ? undefined : redactText(error.stack),
    cause: error.cause === undefined || depth >= MAX_DEPTH ? undefined : redact(error.cause, depth + 1),
  };
}
