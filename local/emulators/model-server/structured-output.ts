type Schema = Readonly<Record<string, unknown>>;

const MAX_DEPTH = 12;
const MAX_ITEMS = 100;

/** The smallest JSON value that fits a schema, with `text` wherever it wants a free string. */
export function fittingValue(schema: Schema, text: string, root: Schema = schema, depth = 0): unknown {
  if (depth > MAX_DEPTH) return null;
  const inside = (inner: unknown) => fittingValue(asSchema(inner), text, root, depth + 1);
  if (typeof schema.$ref === 'string') return inside(resolve(root, schema.$ref));
  if ('const' in schema) return schema.const;
  if (Array.isArray(schema.enum)) return schema.enum[0];
  const variants = [schema.anyOf, schema.oneOf, schema.allOf].find(Array.isArray);
  return variants ? inside(variants[0]) : fittingType(schema, text, inside);
}

function fittingType(schema: Schema, text: string, inside: (inner: unknown) => unknown): unknown {
  const type = Array.isArray(schema.type) ? schema.type[0] : (schema.type ?? (schema.properties ? 'object' : 'string'));
  switch (type) {
    case 'object':
      return fittingObject(schema, inside);
    case 'array':
      return Array.from({ length: Math.min(count(schema.minItems), MAX_ITEMS) }, () => inside(schema.items));
    case 'integer':
    case 'number':
      return count(schema.minimum);
    case 'boolean':
      return false;
    case 'null':
      return null;
    default:
      return text.slice(0, typeof schema.maxLength === 'number' ? schema.maxLength : undefined);
  }
}

function fittingObject(schema: Schema, inside: (inner: unknown) => unknown): Record<string, unknown> {
  const properties = Object.entries(asSchema(schema.properties));
  return Object.fromEntries(properties.map(([name, inner]) => [name, inside(inner)]));
}

function resolve(root: Schema, reference: string): unknown {
  const path = reference.replace(/^#\/?/, '').split('/').filter(Boolean);
  return path.reduce<unknown>((value, key) => asSchema(value)[key], root);
}

const asSchema = (value: unknown): Schema => (typeof value === 'object' && value !== null ? (value as Schema) : {});
const count = (value: unknown): number => (typeof value === 'number' ? value : 0);
