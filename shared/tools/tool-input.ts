import { z } from 'zod';
import type { ToolSpecification } from '../models/chat-model.ts';
import { schemaCheck } from './schema-check.ts';
import type { Tool } from './tool.ts';

const MAX_ARGUMENT_CHARACTERS = 50_000;
const MAX_PROBLEMS = 5;

export type CheckedInput =
  | { readonly ok: true; readonly input: unknown }
  /** What is wrong, for the model; `input` is what it gave, as far as that can be read. */
  | { readonly ok: false; readonly input: unknown; readonly problem: string };

/** A tool's input is looked at many times and never changes. */
const checks = new WeakMap<Tool, z.ZodType>();

/** Checks arguments as a model wrote them. */
export function checkInput(tool: Tool, text: string): CheckedInput {
  const parsed = parseArguments(text);
  if (!parsed.ok) return parsed;
  const checked = checkOf(tool).safeParse(parsed.input);
  if (checked.success) return { ok: true, input: checked.data };
  const problems = checked.error.issues
    .slice(0, MAX_PROBLEMS)
    .map(({ path, message }) => (path.length > 0 ? `${path.join('.')}: ${message}` : message));
  return { ok: false, input: parsed.input, problem: `The arguments are wrong. ${problems.join('; ')}.` };
}

/** A tool as a model is told about it. */
export function specificationOf(tool: Tool): ToolSpecification {
  const { name, description, input } = tool;
  if ('jsonSchema' in input) return { name, description, parameters: input.jsonSchema };
  const { $schema, ...parameters } = z.toJSONSchema(input, { io: 'input' });
  return { name, description, parameters };
}

function parseArguments(text: string): CheckedInput {
  if (text.length > MAX_ARGUMENT_CHARACTERS) return { ok: false, input: {}, problem: 'The arguments are too long.' };
  try {
    // Models leave them out where there is nothing to say.
    return { ok: true, input: text.trim() === '' ? {} : (JSON.parse(text) as unknown) };
  } catch {
    return { ok: false, input: text, problem: 'The arguments are not JSON.' };
  }
}

function checkOf(tool: Tool): z.ZodType {
  const known = checks.get(tool);
  if (known) return known;
  const check = 'jsonSchema' in tool.input ? schemaCheck(tool.input.jsonSchema) : tool.input;
  checks.set(tool, check);
  return check;
}
