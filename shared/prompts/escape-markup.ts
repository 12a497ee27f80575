const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

const escaped = (character: string) => ESCAPES[character] ?? character;

/** Text that stays inside its element: it can close none and open none. */
export function escapeText(text: string): string {
  return text.replaceAll(/[&<>]/g, escaped);
}

/** The value of an attribute, on one line. */
export function escapeAttribute(value: string): string {
  return value.replaceAll(/[&<>"]/g, escaped).replaceAll(/\s+/g, ' ');
}
