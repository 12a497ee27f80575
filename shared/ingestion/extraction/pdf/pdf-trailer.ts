const CATALOG = /\/Type\s*\/Catalog\b/;
const OBJECT = /(?:^|\s)(\d{1,10})\s+(\d{1,5})\s+obj\b/g;
const LONGEST_CATALOG = 20_000;

/**
 * A file whose trailer is lost or leads nowhere, with one at its end that leads to its last catalog; null where no catalog
 * stands open in it. An encrypted file is not mended so: what decrypts it is lost with its trailer.
 */
export function withTrailer(bytes: Uint8Array): Uint8Array | null {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  if (text.includes('/Encrypt')) return null;
  const root = [...text.matchAll(OBJECT)].findLast(({ index }) => CATALOG.test(objectAt(text, index)));
  if (!root) return null;
  return Buffer.concat([bytes, Buffer.from(`\ntrailer\n<</Root ${root[1]} ${root[2]} R>>\n%%EOF\n`, 'latin1')]);
}

function objectAt(text: string, start: number): string {
  const end = text.indexOf('endobj', start);
  return text.slice(start, Math.min(end === -1 ? text.length : end, start + LONGEST_CATALOG));
}
