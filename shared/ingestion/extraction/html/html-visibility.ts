import { attributeOf, type HtmlElement } from './html-tree.ts';

/** Tells what a reader of the page does not see, or what is not its content. */
export type IsLeftOut = (element: HtmlElement) => boolean;

const NOT_CONTENT = new Set(
  'script style template noscript nav iframe object embed canvas audio video svg math input select textarea datalist map'.split(
    ' ',
  ),
);
const NOT_CONTENT_ROLES = new Set(['navigation', 'menu', 'menubar', 'search', 'toolbar']);
const NONE = '0*(?:\\.0+)?(?:px|pt|em|rem|%)?\\s*(?:;|!|$)';
const HIDING_DECLARATIONS: readonly RegExp[] = [
  /(?:^|[;\s])display\s*:\s*none/,
  /(?:^|[;\s])visibility\s*:\s*(?:hidden|collapse)/,
  /(?:^|[;\s])content-visibility\s*:\s*hidden/,
  new RegExp(`(?:^|[;\\s])(?:opacity|font-size|max-height|max-width)\\s*:\\s*0${NONE}`),
  // Text moved out of the page: left, top, margin or indent of minus hundreds.
  /(?:^|[;\s])(?:left|top|right|margin-left|margin-top|text-indent)\s*:\s*-\d{3,}/,
  /(?:^|[;\s])(?:-webkit-text-fill-)?color\s*:\s*transparent/,
  /(?:^|[;\s])clip(?:-path)?\s*:\s*(?:rect\(\s*(?:0|1px)[\s,]+(?:0|1px)[\s,]+(?:0|1px)[\s,]+(?:0|1px)\s*\)|inset\(\s*(?:50|100)%)/,
];
const NO_SIZE = new RegExp(`(?:^|[;\\s])(?:width|height)\\s*:\\s*0${NONE}`);
const OVERFLOW_HIDDEN = /(?:^|[;\s])overflow\s*:\s*hidden/;
const COMMENTS = /\/\*[\s\S]*?\*\//g;
const RULE = /([^{}]{1,2000})\{([^{}]{0,5000})\}/g;
const SIMPLE_SELECTOR = /^(?:[a-z][a-z0-9]*)?[.#][\w-]+$/i;

/**
 * Knows what is hidden by attribute, by inline style, or by a rule of the page's own style sheets for a class or an id.
 *
 * Selectors that combine or depend on state are passed over: such a rule hides something of which another shows a part.
 */
export function createVisibility(styleSheets: readonly string[]): IsLeftOut {
  const hidingSelectors = new Set(styleSheets.flatMap(selectorsThatHide));
  return (element) => {
    if (NOT_CONTENT.has(element.tagName) || NOT_CONTENT_ROLES.has(attributeOf(element, 'role') ?? '')) return true;
    if (attributeOf(element, 'hidden') !== undefined || attributeOf(element, 'aria-hidden') === 'true') return true;
    if (element.tagName === 'dialog' && attributeOf(element, 'open') === undefined) return true;
    if (hides(attributeOf(element, 'style') ?? '')) return true;
    return hidingSelectors.size > 0 && selectorsOf(element).some((selector) => hidingSelectors.has(selector));
  };
}

function hides(style: string): boolean {
  if (style === '') return false;
  const declarations = style.replace(COMMENTS, '').toLowerCase();
  if (HIDING_DECLARATIONS.some((declaration) => declaration.test(declarations))) return true;
  return NO_SIZE.test(declarations) && OVERFLOW_HIDDEN.test(declarations);
}

function selectorsThatHide(styleSheet: string): string[] {
  const rules = withoutConditions(styleSheet.replace(COMMENTS, '')).matchAll(RULE);
  return [...rules].flatMap(([, selectors = '', declarations = '']) =>
    hides(declarations)
      ? selectors
          .split(',')
          .map((selector) => selector.trim())
          .filter(isSimple)
      : [],
  );
}

function isSimple(selector: string): boolean {
  return SIMPLE_SELECTOR.test(selector);
}

/** Drops `@media` and other blocks that hold only for print, small screens and the like. */
function withoutConditions(styleSheet: string): string {
  let kept = '';
  let depth = 0;
  let conditionDepth = 0;
  for (const part of styleSheet.split(/(?<=[{}])/)) {
    const opens = part.endsWith('{');
    if (opens && conditionDepth === 0 && /@(?:media|supports|container)\b(?!\s*(?:all|screen)?\s*\{)/i.test(part))
      conditionDepth = depth + 1;
    if (conditionDepth === 0) kept += part;
    if (opens) depth += 1;
    else if (part.endsWith('}')) {
      depth -= 1;
      if (depth < conditionDepth) conditionDepth = 0;
    }
  }
  return kept;
}

function selectorsOf(element: HtmlElement): string[] {
  const id = attributeOf(element, 'id');
  const classes = attributeOf(element, 'class')?.split(/\s+/) ?? [];
  const names = [...(id ? [`#${id}`] : []), ...classes.map((name) => `.${name}`)];
  return names.flatMap((name) => [name, element.tagName + name]);
}
