import { describe, expect, it } from 'vitest';
import { schemaCheck } from '../../../shared/tools/schema-check.ts';

const object = (properties: object, rest: object = {}) => ({ type: 'object', properties, ...rest });
const accepts = (schema: object, value: unknown) => schemaCheck(schema as never).safeParse(value).success;

describe('the check of a remote schema', () => {
  it('holds arguments to it', () => {
    const schema = object({ pattern: { type: 'string' }, count: { type: 'integer' } }, { required: ['pattern'] });
    expect(accepts(schema, { pattern: 'a', count: 1 })).toBe(true);
    expect(accepts(schema, { count: 1 })).toBe(false);
    expect(accepts(schema, { pattern: 1 })).toBe(false);
  });

  it.each([
    ['a property', object({ text: { type: 'string', pattern: '^(a+)+$' } }), { text: `${'a'.repeat(60)}!` }],
    ['names', object({}, { propertyNames: { pattern: '^(a+)+$' } }), { [`${'a'.repeat(60)}!`]: 1 }],
    ['properties by name', object({}, { patternProperties: { '^(a+)+$': {} } }), { [`${'a'.repeat(60)}!`]: 1 }],
    ['items', object({ list: { items: { anyOf: [{ pattern: '(.*)*x' }] } } }), { list: ['y'.repeat(60)] }],
  ])('runs no expression of somebody else on %s', (_, schema, value) => {
    expect(accepts(schema, value)).toBe(true);
  });

  it('follows no references, which may double at every step', () => {
    const twice = (next: number) => ({ allOf: Array.from({ length: 2 }, () => ({ $ref: `#/$defs/d${next}` })) });
    const $defs = Object.fromEntries(Array.from({ length: 60 }, (_, step) => [`d${step}`, twice(step + 1)]));
    expect(accepts({ $ref: '#/$defs/d0', $defs: { ...$defs, d60: { type: 'object' } } }, {})).toBe(true);
  });

  it('takes an object and nothing else, whatever the schema says', () => {
    for (const schema of [{}, { type: 'array' }, { pattern: 'x' }, { $ref: '#' }]) {
      for (const value of [[], 'text', null, 1]) expect(accepts(schema, value)).toBe(false);
    }
  });
});
