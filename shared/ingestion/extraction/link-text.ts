const MAX_URL_CHARACTERS = 300;
const READABLE_URL = /^(?:https?:\/\/|mailto:)\S+$/i;

/**
 * A link as all formats write it: its text, then its URL in brackets, so that an answer can give it.
 *
 * Only addresses that a reader can use from elsewhere: no relative ones, no scripts, none that the text shows already.
 */
export function linkText(text: string, url: string | null | undefined): string {
  const suffix = linkSuffix(text, url);
  const end = text.trimEnd().length;
  return suffix === '' ? text : text.slice(0, end) + suffix + text.slice(end);
}

/** What is written after the text of a link; empty when its URL adds nothing. */
export function linkSuffix(text: string, url: string | null | undefined): string {
  const address = url?.trim() ?? '';
  if (address.length > MAX_URL_CHARACTERS || !READABLE_URL.test(address)) return '';
  const shown = bare(text);
  // Part of an address has a dot or slash, which tells it from a word that the address happens to contain.
  const isPartOfIt = /[./]/.test(shown) && bare(address).includes(shown);
  if (shown === '' || isPartOfIt || shown.includes(bare(address))) return '';
  return ` (${address.replace(/^mailto:/i, '')})`;
}

function bare(address: string): string {
  return address
    .toLowerCase()
    .replace(/\s+/g, '')
    .replace(/^(?:https?:\/\/|mailto:)(?:www\.)?/, '')
    .replace(/[/.,;]+$/, '');
}
