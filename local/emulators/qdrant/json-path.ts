/** A point's payload: any JSON object. */
export type Payload = Record<string, unknown>;

const WILDCARD = Symbol('every element');
type Step = string | number | typeof WILDCARD;

/** A parsed payload path such as `a.b[].c` or `a[0]`. */
export type JsonPath = readonly Step[];

const STEP = /"([^"]+)"|([^.[\]"]+)|\[(\d*)\]/y;

/** Parses a payload path; undefined when it is not one. Source: Qdrant's JSON path grammar. */
export function parseJsonPath(text: string): JsonPath | undefined {
  const steps: Step[] = [];
  let position = 0;
  while (position < text.length) {
    if (position > 0 && text[position] === '.') position += 1;
    STEP.lastIndex = position;
    const match = STEP.exec(text);
    if (!match) return undefined;
    const [whole, quoted, plain, index] = match;
    steps.push(quoted ?? plain ?? (index ? Number(index) : WILDCARD));
    position += whole.length;
  }
  return typeof steps[0] === 'string' ? steps : undefined;
}

/** One spelling for each path, to find what was declared under another spelling of it. */
export const formatJsonPath = (path: JsonPath): string =>
  path.map((step) => (typeof step === 'string' ? `."${step}"` : `[${step === WILDCARD ? '' : String(step)}]`)).join('');

/** The same path, reaching into the elements of the array it names. */
export const elementsOf = (path: JsonPath): JsonPath => (path.at(-1) === WILDCARD ? path : [...path, WILDCARD]);

/** Tells a JSON object from arrays, null and scalars. */
export const isJsonObject = (value: unknown): value is Payload =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Collects the values that a path reaches; an array at its end counts as one value. */
export function valuesAt(path: JsonPath, payload: Payload): unknown[] {
  const found: unknown[] = [];
  collect(path, 0, payload, found);
  return found;
}

function collect(path: JsonPath, depth: number, value: unknown, found: unknown[]): void {
  const step = path[depth];
  if (step === undefined) found.push(value);
  else if (typeof step === 'string') {
    if (isJsonObject(value) && Object.hasOwn(value, step)) collect(path, depth + 1, value[step], found);
  } else if (Array.isArray(value)) {
    const elements = step === WILDCARD ? value : value.slice(step, step + 1);
    for (const element of elements) collect(path, depth + 1, element, found);
  }
}

/** Merges fields into the object at a path (the payload itself without one); a null field removes. Changes `payload`. */
export function mergeAt(path: JsonPath, payload: Payload, fields: Payload): void {
  const [step, ...rest] = path;
  if (step === undefined) mergeFields(payload, fields);
  else if (typeof step === 'string') payload[step] = mergedChild(rest, payload[step], fields);
}

function mergedChild(path: JsonPath, child: unknown, fields: Payload): unknown {
  const [step, ...rest] = path;
  if (step === undefined || typeof step === 'string') {
    const target = isJsonObject(child) ? child : {};
    mergeAt(path, target, fields);
    return target;
  }
  const elements = Array.isArray(child) ? child : [];
  return elements.map((element, index) =>
    step === WILDCARD || step === index ? mergedChild(rest, element, fields) : element,
  );
}

function mergeFields(target: Payload, fields: Payload): void {
  for (const [key, value] of Object.entries(fields)) {
    if (value === null) delete target[key];
    else target[key] = value;
  }
}

/** Removes whatever a path reaches. Changes `payload`. */
export function removeAt(path: JsonPath, payload: Payload): void {
  const last = path.at(-1);
  for (const parent of valuesAt(path.slice(0, -1), payload)) {
    if (typeof last === 'string' && isJsonObject(parent)) delete parent[last];
    else if (Array.isArray(parent) && last === WILDCARD) parent.length = 0;
    else if (Array.isArray(parent) && typeof last === 'number') parent.splice(last, 1);
  }
}
