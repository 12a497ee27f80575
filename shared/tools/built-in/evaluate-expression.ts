import type { Expression } from 'jsep';
import { AppError } from '../../errors.ts';

type Operation = (...values: number[]) => number;

const UNARY: ReadonlyMap<string, Operation> = new Map<string, Operation>([
  ['-', (value) => -(value as number)],
  ['+', (value) => value as number],
]);
const BINARY: ReadonlyMap<string, Operation> = new Map<string, Operation>(
  Object.entries({
    '+': (a: number, b: number) => a + b,
    '-': (a: number, b: number) => a - b,
    '*': (a: number, b: number) => a * b,
    '/': (a: number, b: number) => a / b,
    '%': (a: number, b: number) => a % b,
    '^': (a: number, b: number) => a ** b,
  }) as [string, Operation][],
);
const FUNCTIONS: ReadonlyMap<string, Operation> = new Map<string, Operation>(
  Object.entries({
    abs: Math.abs,
    ceil: Math.ceil,
    exp: Math.exp,
    floor: Math.floor,
    ln: Math.log,
    log10: Math.log10,
    max: Math.max,
    min: Math.min,
    round: (value: number, digits = 0) => Math.round(value * 10 ** digits) / 10 ** digits,
    sqrt: Math.sqrt,
  }) as [string, Operation][],
);
const CONSTANTS: ReadonlyMap<string, number> = new Map([
  ['pi', Math.PI],
  ['e', Math.E],
]);

/** Whatever is no arithmetic is refused, so nothing of the expression can reach our own objects. */
const refused = (what: string) =>
  new AppError(
    'validation_failed',
    `The calculator does not know ${what}. It takes numbers, + - * / % ^, brackets and \
${[...FUNCTIONS.keys()].join(', ')}.`,
  );

/** The value of a parsed arithmetic expression. @throws AppError `validation_failed` for anything else. */
export function evaluateExpression(node: Expression): number {
  switch (node.type) {
    case 'Literal':
      if (typeof node.value === 'number') return node.value;
      throw refused('text');
    case 'Identifier':
      return known(CONSTANTS, node.name);
    case 'UnaryExpression':
      return known(UNARY, node.operator)(evaluateExpression(node.argument as Expression));
    case 'BinaryExpression': {
      const operation = known(BINARY, node.operator);
      return operation(evaluateExpression(node.left as Expression), evaluateExpression(node.right as Expression));
    }
    case 'CallExpression': {
      const operation = known(FUNCTIONS, (node.callee as Expression).name);
      return operation(...(node.arguments as Expression[]).map(evaluateExpression));
    }
    default:
      throw refused('this');
  }
}

function known<T>(table: ReadonlyMap<string, T>, name: unknown): T {
  const found = table.get(String(name));
  if (found === undefined) throw refused(`\`${String(name).slice(0, 20)}\``);
  return found;
}
