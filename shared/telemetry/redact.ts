const SECRET_NAME = /authorization|token$|secret|password|api-?key|connectionstring|cookie|^sig$|^key$/i;
const TEXT_NAME = /^(text|message|prompt|content|question|query|answer|snippet|body)$/i;
const SECRETS_IN_TEXT: readonly (readonly [RegExp, string])[] = [
  [/\bBearer\s+[\w\-.~+/]+=*/gi, 'Bearer [redacted]'],
  [/([?&](?:sig|code|api-key|access_token)=)[^&\s"']+/gi, '$1[redacted]'],
  [/\b(AccountKey|SharedAccessSignature|api-key)=[^;\s"']+/gi, '$1=[redacted]'],
  [/\beyJ[\w-]+\.[\w-]+\.[\w-]*/g, '[redacted token]'],
  [/\bsk-[\w-]{16,}/g, '[redacted key]'],
];
const MAX_DEPTH = 6;
const MAX_STRING = 2_000;

/** Takes out secrets that are recognisable in free text, such as an SDK's error message. */
export function redactText(text: string): string {
  const cut = text.length > MAX_STRING ? `${text.slice(0, MAX_STRING)}…` : text;
  return SECRETS_IN_TEXT.reduce((result, [pattern, replacement]) => result.replace(pattern, replacement), cut);
}

/** A copy that is fit for logs: fields named like secrets or like message text are blanked, errors become plain facts. */
export function redact(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return redactText(value);
  if (value instanceof Error) return redactError(value, depth);
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
