/** Decides on a URL, the first one and every one that a redirect names. */
export type UrlCheck = (url: URL) => boolean;

const WITH_SCHEME = /^https?:\/\//;

/**
 * Allows the listed hosts and no other: by exact name, over https at its usual port unless the entry says otherwise, such
 * as `https://host:8443` or `http://host`. A URL with a user name or password never fits.
 */
export function allowedHosts(entries: readonly string[]): UrlCheck {
  const origins = new Set(entries.map(originOf));
  return ({ origin, protocol, username, password }) =>
    (protocol === 'https:' || protocol === 'http:') && username === '' && password === '' && origins.has(origin);
}

function originOf(entry: string): string | null {
  const url = WITH_SCHEME.test(entry) ? entry : `https://${entry}`;
  return URL.canParse(url) ? new URL(url).origin : null;
}
