import { AppError } from '../errors.ts';

/** Facts about an act: ids, numbers, flags, names of fields. What people or documents say has no place here. */
export type AuditDetails = Readonly<Record<string, string | number | boolean | null | readonly string[]>>;

const MAX_DETAILS = 20;
const MAX_LISTED = 100;
const NAME = /^[a-z][A-Za-z]{0,39}$/;
const TEXT_NAME = /text|message|prompt|content|snippet|question|answer|query|title|body/i;
/** Ids, routes, permissions and dates; without blanks it holds no sentence. */
const FACT = /^[\w.:/{}*@+-]{1,200}$/;

/** @throws AppError `internal` for details that are too many, too long, or could be text. */
export function checkDetails(details: AuditDetails): void {
  const entries = Object.entries(details);
  const wrong = entries.find(([name, value]) => !NAME.test(name) || TEXT_NAME.test(name) || !isFact(value));
  if (wrong) throw new AppError('internal', `The audit detail ${wrong[0]} is not an id, a number or a flag.`);
  if (entries.length > MAX_DETAILS) throw new AppError('internal', `An act has at most ${MAX_DETAILS} details.`);
}

function isFact(value: unknown): boolean {
  if (typeof value === 'string') return FACT.test(value);
  if (!Array.isArray(value)) return value === null || typeof value === 'boolean' || Number.isFinite(value);
  return value.length <= MAX_LISTED && value.every((item) => typeof item === 'string' && FACT.test(item));
}
