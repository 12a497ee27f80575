type Constraint = (value: string) => boolean;

const GUID = /^\{?[\da-f]{8}-?([\da-f]{4}-?){3}[\da-f]{12}\}?$/i;
const INT32 = { min: -2147483648n, max: 2147483647n };
const INT64 = { min: -9223372036854775808n, max: 9223372036854775807n };

const SIMPLE: Record<string, Constraint> = {
  alpha: (value) => /^[a-z]*$/i.test(value),
  bool: (value) => /^(true|false)$/i.test(value),
  datetime: (value) => !Number.isNaN(Date.parse(value)),
  decimal: isNumber,
  double: isNumber,
  float: isNumber,
  guid: (value) => GUID.test(value),
  int: (value) => isInteger(value, INT32),
  long: (value) => isInteger(value, INT64),
  required: (value) => value !== '',
};

const WITH_NUMBERS: Record<string, (value: string, first: number, second: number) => boolean> = {
  length: (value, first, second) =>
    Number.isNaN(second) ? value.length === first : value.length >= first && value.length <= second,
  minlength: (value, length) => value.length >= length,
  maxlength: (value, length) => value.length <= length,
  min: (value, bound) => isInteger(value, INT64) && Number(value) >= bound,
  max: (value, bound) => isInteger(value, INT64) && Number(value) <= bound,
  range: (value, low, high) => isInteger(value, INT64) && Number(value) >= low && Number(value) <= high,
};

/** Makes the test of one inline route constraint, such as `int`, `length(2,5)` or `regex(^a+$)`, as ASP.NET knows them. */
export function createRouteConstraint(text: string): Constraint {
  const [, name = '', argument] = /^([a-z]+)(?:\((.*)\))?$/is.exec(text) ?? [];
  const key = name.toLowerCase();
  const simple = argument === undefined ? SIMPLE[key] : undefined;
  if (simple) return simple;
  if (key === 'regex' && argument !== undefined) {
    const expression = new RegExp(argument, 'i');
    return (value) => expression.test(value);
  }
  const withNumbers = argument === undefined ? undefined : WITH_NUMBERS[key];
  if (!withNumbers) throw new Error(`The route constraint '${text}' is not known.`);
  const [first = Number.NaN, second = Number.NaN] = (argument ?? '').split(',').map(Number);
  return (value) => withNumbers(value, first, second);
}

function isNumber(value: string): boolean {
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(value);
}

function isInteger(value: string, { min, max }: { min: bigint; max: bigint }): boolean {
  if (!/^[+-]?\d{1,20}$/.test(value)) return false;
  const number = BigInt(value.replace('+', ''));
  return number >= min && number <= max;
}
