/** From 30 bytes on, enough for a short order. */
const SHORTEST = 40;
/** What is longer is decoded so far. */
const LONGEST = 6_000;
const PRINTABLE_SHARE = 0.95;
const NOT_PRINTABLE = /[^\n\r\t -~\u00A0-\u024F]/g;
const MAX_BLOBS = 500;
const ASCII = 128;
const isBase64 = Uint8Array.from({ length: ASCII }, (_, unit) => (/[\w+/-]/.test(String.fromCharCode(unit)) ? 1 : 0));

export interface DecodedText {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Texts that are hidden from a reader in base64. Paths, hashes and pictures do not decode to readable text. */
export function* encodedTexts(text: string): Generator<DecodedText> {
  let count = 0;
  for (const { start, end } of base64Runs(text)) {
    const decoded = Buffer.from(text.slice(start, Math.min(end, start + LONGEST)), 'base64').toString('utf8');
    const strange = decoded.match(NOT_PRINTABLE)?.length ?? 0;
    if (strange > decoded.length * (1 - PRINTABLE_SHARE)) continue;
    yield { start, end, text: decoded };
    count += 1;
    if (count >= MAX_BLOBS) return;
  }
}

/** Runs of at least 40 characters of base64. Of prose, only every fortieth character is looked at. */
function* base64Runs(text: string): Generator<{ start: number; end: number }> {
  const isPart = (index: number) => {
    const unit = text.charCodeAt(index);
    return unit < ASCII && isBase64[unit] === 1;
  };
  let done = 0;
  for (let index = SHORTEST - 1; index < text.length; index = done + SHORTEST - 1) {
    let start = index + 1;
    while (start > done && isPart(start - 1)) start -= 1;
    let end = index + 1;
    if (start <= index) while (end < text.length && isPart(end)) end += 1;
    if (start <= index && end - start >= SHORTEST) yield { start, end };
    done = end;
  }
}
