import { z } from 'zod';

type JsonSchema = Readonly<Record<string, unknown>>;

/** With an expression or a reference, whoever writes a schema can make its check take longer than anybody lives. */
const ENDLESS = new Set(['pattern', '$ref', '$dynamicRef', '$recursiveRef']);
const EXPRESSIONS = 'patternProperties';

/**
 * Checks arguments by the schema of a remote server, which is not to be trusted. What zod does not read, or what might take
 * endlessly, is left to that server, which checks the arguments in any case.
 */
export function schemaCheck(schema: JsonSchema): z.ZodType {
  const object = z.record(z.string(), z.unknown());
  if (mayBeEndless(schema)) return object;
  try {
    return object.pipe(z.fromJSONSchema(schema as never) as z.ZodType<unknown, Record<string, unknown>>);
  } catch {
    return object;
  }
}

/** A property that is only called so has no text as its value, but a schema. */
function mayBeEndless(schema: unknown): boolean {
  if (typeof schema !== 'object' || schema === null) return false;
  return Object.entries(schema).some(
    ([name, value]) => name === EXPRESSIONS || (typeof value === 'string' ? ENDLESS.has(name) : mayBeEndless(value)),
  );
}
