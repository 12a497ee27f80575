import { z } from 'zod';
import { AppError } from '../../errors.ts';
import type { Tool } from '../tool.ts';
import { evaluateExpression } from './evaluate-expression.ts';

const MAX_EXPRESSION_CHARACTERS = 500;
const TIMEOUT_MILLISECONDS = 1_000;
const MAX_RESULT_CHARACTERS = 100;
const SIGNIFICANT_DIGITS = 15;
/** Above multiplication; the library takes `^` for the bitwise operator. */
const POWER_PRECEDENCE = 11;

const Input = z.strictObject({
  expression: z
    .string()
    .min(1)
    .max(MAX_EXPRESSION_CHARACTERS)
    .describe(
      'Such as `(1250 - 80) * 1.19`, without thousands separators. ^ raises to a power after a sign: -2^2 is 4',
    ),
});

/** Does arithmetic, at which models are poor. The expression is parsed, never run as code. */
export const calculator: Tool<z.infer<typeof Input>> = {
  name: 'calculator',
  description: 'Calculates an arithmetic expression.',
  input: Input,
  defaultPermission: 'allow',
  timeoutMilliseconds: TIMEOUT_MILLISECONDS,
  maxResultCharacters: MAX_RESULT_CHARACTERS,
  run: async ({ expression }) => {
    const value = evaluateExpression(await parse(expression));
    if (!Number.isFinite(value)) throw new AppError('validation_failed', 'The result is not a finite number.');
    return { text: String(Number(value.toPrecision(SIGNIFICANT_DIGITS))) };
  },
};

async function parse(expression: string) {
  const { default: jsep } = await import('jsep');
  jsep.addBinaryOp('^', POWER_PRECEDENCE, true);
  try {
    return jsep(expression);
  } catch (cause) {
    throw new AppError('validation_failed', 'This is not an arithmetic expression.', { cause });
  }
}
