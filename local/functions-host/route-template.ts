import { escapeRegExp } from './escape-reg-exp.ts';
import { createRouteConstraint } from './route-constraint.ts';

interface Parameter {
  readonly name: string;
  readonly isCatchAll: boolean;
  readonly isOptional: boolean;
  readonly defaultValue: string | undefined;
  readonly constraints: ((value: string) => boolean)[];
}

/** Finds a route's parameters in a path (decoded, without slashes at its ends), or undefined when it does not match. */
export type RouteMatcher = (path: string) => Record<string, string> | undefined;

/**
 * Compiles an ASP.NET route template: `{id}`, `{id?}`, `{id=5}`, `{id:int}`, `{*rest}` and mixed segments such as
 * `{name}.{extension}`. Literals match in any case.
 */
export function compileRoute(template: string): RouteMatcher {
  const parameters: Parameter[] = [];
  const source = splitSegments(template.replace(/^\/|\/$/g, ''))
    .map((segment, index) => segmentSource(segment, index === 0, parameters))
    .join('');
  const expression = new RegExp(`^${source}$`, 'i');
  return (path) => {
    const match = expression.exec(path);
    return match ? readParameters(parameters, match) : undefined;
  };
}

function readParameters(parameters: Parameter[], match: RegExpExecArray): Record<string, string> | undefined {
  const values: Record<string, string> = {};
  for (const [index, parameter] of parameters.entries()) {
    const value = match[index + 1] || parameter.defaultValue;
    if (value === undefined) continue;
    if (!parameter.constraints.every((accepts) => accepts(value))) return undefined;
    values[parameter.name] = value;
  }
  return values;
}

function segmentSource(segment: string, isFirst: boolean, parameters: Parameter[]): string {
  const slash = isFirst ? '' : '/';
  const parts = splitParts(segment);
  const only = parts.length === 1 && parts[0]?.startsWith('{') ? parseParameter(parts[0]) : undefined;
  if (only) {
    parameters.push(only);
    if (only.isCatchAll) return `(?:${slash}(.*))?`;
    const isOmittable = only.isOptional || only.defaultValue !== undefined;
    return isOmittable ? `(?:${slash}([^/]+))?` : `${slash}([^/]+)`;
  }
  const sources = parts.map((part) => {
    if (!part.startsWith('{')) return escapeRegExp(part);
    parameters.push(parseParameter(part));
    return '([^/]+)';
  });
  return slash + sources.join('');
}

function parseParameter(part: string): Parameter {
  const inner = part.slice(1, -1);
  const [head = '', ...constraints] = splitOutside(inner, ':');
  // `{id:int?}` and `{id:int=5}` carry the mark after their last constraint.
  const last = constraints.at(-1) ?? head;
  const [, body = '', mark = ''] = /^(.*?)(\?|=[^)]*)?$/s.exec(last) ?? [];
  if (constraints.length > 0) constraints[constraints.length - 1] = body;
  const name = constraints.length > 0 ? head : body;
  return {
    name: name.replace(/^\*{1,2}/, ''),
    isCatchAll: name.startsWith('*'),
    isOptional: mark === '?',
    defaultValue: mark.startsWith('=') ? mark.slice(1) : undefined,
    constraints: constraints.map(createRouteConstraint),
  };
}

/** Splits at slashes that are not inside a parameter, whose regex may hold some. */
function splitSegments(template: string): string[] {
  return template === '' ? [] : splitOutside(template, '/');
}

function splitOutside(text: string, separator: string): string[] {
  const pieces = [''];
  let depth = 0;
  for (const character of text) {
    if (character === '{' || character === '(') depth += 1;
    if (character === '}' || character === ')') depth -= 1;
    if (character === separator && depth === 0) pieces.push('');
    else pieces[pieces.length - 1] += character;
  }
  return pieces;
}

/** Splits one segment into literals and `{parameters}`. */
function splitParts(segment: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  for (const character of segment) {
    const startsPart = parts.length === 0 || (depth === 0 && (character === '{' || parts.at(-1)?.endsWith('}')));
    if (startsPart) parts.push('');
    if (character === '{') depth += 1;
    if (character === '}') depth -= 1;
    parts[parts.length - 1] += character;
  }
  return parts;
}
