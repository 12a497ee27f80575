import { escapeRegExp } from './escape-reg-exp.ts';

const IDENTIFIER = /^[\p{L}_][\p{L}\p{Nd}\p{Pc}]*$/u;
const TOKEN = /\{\{|\}\}|\{([^{}]*)\}|[^{}]+|[{}]/g;

/** A blob trigger's `path`, taken apart. */
export interface BlobPath {
  readonly container: string;
  /** What every matching name begins with. */
  readonly prefix: string;
  /** The values of the path's parameters in a blob's name, or undefined when it does not match. */
  match(name: string): Record<string, string> | undefined;
}

/**
 * Compiles `container/name` with `{parameters}` as the WebJobs SDK does (BindingTemplateParser): a parameter takes as
 * much as it can, slashes included, so `{a}/{b}` splits at the last slash; `{*rest}` is an error there, so it is here.
 */
export function compileBlobPath(path: string): BlobPath {
  const slash = path.indexOf('/');
  const container = slash < 0 ? path : path.slice(0, slash);
  const pattern = slash < 0 ? '{name}' : path.slice(slash + 1);
  if (/[{}]/.test(container)) throw new Error(`The container of the blob path '${path}' must be a literal.`);
  const names: string[] = [];
  const literals: string[] = [];
  const source = Array.from(pattern.matchAll(TOKEN), ([token, parameter]) => {
    if (parameter === undefined) {
      const literal = unescapeLiteral(path, token);
      if (names.length === 0) literals.push(literal);
      return escapeRegExp(literal);
    }
    if (!IDENTIFIER.test(parameter)) {
      throw new Error(`Invalid template '${path}'. The parameter name '${parameter}' is invalid.`);
    }
    names.push(parameter);
    return '(.*)';
  }).join('');
  const expression = new RegExp(`^${source}$`, 's');
  return {
    container,
    prefix: literals.join(''),
    match(name) {
      const found = expression.exec(name);
      if (!found) return undefined;
      return Object.fromEntries(names.map((parameter, index) => [parameter, found[index + 1] ?? '']));
    },
  };
}

function unescapeLiteral(path: string, token: string): string {
  if (token === '{{' || token === '}}') return token.slice(1);
  if (token === '{' || token === '}') throw new Error(`Invalid template '${path}'. A bracket has no counterpart.`);
  return token;
}
