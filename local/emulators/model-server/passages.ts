/** A piece of a document that a prompt gives the model to answer from. */
export interface Passage {
  /** What an answer cites, as in `[1]`. */
  readonly id: string;
  readonly title: string;
  /** The headings that lead to the passage, e.g. `Meals > Limits`. */
  readonly section: string;
  readonly text: string;
}

const PASSAGE = /<passage\b([^>]*)>([\s\S]*?)<\/passage>/g;
const ATTRIBUTE = /([\w-]+)="([^"]*)"/g;
const ENTITY = /&(lt|gt|amp|quot|apos|#39);/g;
const CHARACTERS: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'", '#39': "'" };

export const unescapeXml = (text: string): string => text.replace(ENTITY, (_, name: string) => CHARACTERS[name] ?? '');

/** The passages of a message, written as `<passage id="1" title="…" section="…">escaped text</passage>`. */
export function passagesOf(message: string): Passage[] {
  return [...message.matchAll(PASSAGE)].map(([, head = '', body = ''], index) => {
    const attributes = new Map(
      [...head.matchAll(ATTRIBUTE)].map(([, name = '', value = '']) => [name, unescapeXml(value)]),
    );
    return {
      id: attributes.get('id') ?? String(index + 1),
      title: attributes.get('title') ?? '',
      section: attributes.get('section') ?? '',
      text: unescapeXml(body),
    };
  });
}

/** What a message says besides its passages: what follows them, or what leads to them when nothing follows. */
export function withoutPassages(message: string): string {
  const [before = '', ...rest] = message.replace(PASSAGE, '\u0000').split('\u0000');
  if (rest.length === 0) return before.trim();
  const after = (rest.at(-1) ?? '').replace(/^(?:\s*<\/[\w-]+>)+/, '').trim();
  return after || before.replace(/(?:<[\w-]+>\s*)+$/, '').trim();
}
