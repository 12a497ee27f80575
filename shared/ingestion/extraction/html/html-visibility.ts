import { attributeOf, elementsOf, type HtmlElement } from './html-tree.ts';

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
  new RegExp(`(?:^|[;\\s])(?:opacity|max-height|max-width)\\s*:\\s*0${NONE}`),
  // Text moved out of the page: left, top, margin or indent of minus hundreds.
  /(?:^|[;\s])(?:left|top|right|margin-left|margin-top|text-indent)\s*:\s*-\d{3,}/,
  /(?:^|[;\s])(?:-webkit-text-fill-)?color\s*:\s*transparent/,
  /(?:^|[;\s])clip(?:-path)?\s*:\s*(?:rect\(\s*(?:0|1px)[\s,]+(?:0|1px)[\s,]+(?:0|1px)[\s,]+(?:0|1px)\s*\)|inset\(\s*(?:50|100)%)/,
];
// Letters of a pixel or a point, which nobody can read.
const TINY =
  /(?:^|[;\s])font-size\s*:\s*(?:0(?:px|pt|em|rem|%)?|0*\.\d+(?:px|pt)|0\.0+(?:em|rem|%)|1(?:\.0*)?(?:px|pt))\s*(?:;|!|$)/;
const SETS_SIZE = /(?:^|[;\s])font(?:-size)?\s*:/;
const WHITE = '(?:white|#fff(?:fff)?|rgb\\(\\s*255\\s*,\\s*255\\s*,\\s*255\\s*\\))';
const SETS_COLOUR = /(?:^|[;\s])color\s*:/;
const WHITE_TEXT = new RegExp(`(?:^|[;\\s])color\\s*:\\s*${WHITE}\\s*(?:;|!|$)`);
/** What may make another background than white, or comes from elsewhere and cannot be known. */
const BACKDROP = new RegExp(
  `background(?:-color)?\\s*:(?!\\s*${WHITE})|background-image|bgcolor\\s*=|background\\s*=|position\\s*:|@import|<link\\b[^>]*stylesheet`,
  'i',
);
const NO_SIZE = new RegExp(`(?:^|[;\\s])(?:width|height)\\s*:\\s*0${NONE}`);
const OVERFLOW_HIDDEN = /(?:^|[;\s])overflow\s*:\s*hidden/;
const COMMENTS = /\/\*[\s\S]*?\*\//g;
const RULE = /([^{}]{1,2000})\{([^{}]{0,5000})\}/g;
const SIMPLE_SELECTOR = /^(?:[a-z][a-z0-9]*)?[.#][\w-]+$/i;

/** Whether nothing in a page's source can be behind its text but the white of the page. */
export function isBarePage(source: string): boolean {
  return !BACKDROP.test(source);
}

/**
 * Knows what is hidden by attribute, by inline style, or by a rule of the page's own style sheets for a class or an id.
 *
 * Selectors that combine or depend on state are passed over: such a rule hides something of which another shows a part.
 *
 * @param isBare whether white text is hidden too
 */
export function createVisibility(styleSheets: readonly string[], isBare: boolean): IsLeftOut {
  const hidesByRule = (style: string) => hides(style) || TINY.test(style) || (isBare && WHITE_TEXT.test(style));
  const hidingSelectors = new Set(styleSheets.flatMap((styleSheet) => selectorsThat(hidesByRule, styleSheet)));
  const hidesByStyle = (element: HtmlElement) => {
    const style = styleOf(element);
    if (style === '') return false;
    if (hides(style) || (TINY.test(style) && !isUndoneBelow(element, SETS_SIZE, TINY))) return true;
    return isBare && WHITE_TEXT.test(style) && !isUndoneBelow(element, SETS_COLOUR, WHITE_TEXT);
  };
  return (element) => {
    if (NOT_CONTENT.has(element.tagName) || NOT_CONTENT_ROLES.has(attributeOf(element, 'role') ?? '')) return true;
    if (attributeOf(element, 'hidden') !== undefined || attributeOf(element, 'aria-hidden') === 'true') return true;
    if (element.tagName === 'dialog' && attributeOf(element, 'open') === undefined) return true;
    if (hidesByStyle(element)) return true;
    return hidingSelectors.size > 0 && selectorsOf(element).some((selector) => hidingSelectors.has(selector));
  };
}

function styleOf(element: HtmlElement): string {
  return plain(attributeOf(element, 'style') ?? '');
}

function plain(declarations: string): string {
  return declarations.replace(COMMENTS, '').toLowerCase();
}

// Size and colour are inherited until something sets others: mails put all that they say in boxes of no letter size.
function isUndoneBelow(element: HtmlElement, sets: RegExp, hiding: RegExp): boolean {
  return elementsOf(element)
    .slice(1)
    .map(styleOf)
    .some((style) => sets.test(style) && !hiding.test(style));
}

function hides(style: string): boolean {
  if (HIDING_DECLARATIONS.some((declaration) => declaration.test(style))) return true;
  return NO_SIZE.test(style) && OVERFLOW_HIDDEN.test(style);
}

function selectorsThat(hide: (style: string) => boolean, styleSheet: string): string[] {
  const rules = withoutConditions(styleSheet.replace(COMMENTS, '')).matchAll(RULE);
  return [...rules].flatMap(([, selectors = '', declarations = '']) =>
    hide(plain(declarations))
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
