import iconv from 'iconv-lite';
import { cleanText } from './clean-text.ts';
import { decodeText, detectUnicode } from './decode-text.ts';
import type { ExtractableMediaType } from './extracted-document.ts';
import { ExtractionError } from './extraction-error.ts';
import { csvDelimiter } from './spreadsheet/csv-dialect.ts';
import { openZipArchive } from './zip-archive.ts';

export interface FileClaims {
  readonly fileName: string;
  readonly declaredMediaType?: string | undefined;
}

/** Formats of Office by where their main part usually is, and by how the list of content types names it. */
const OFFICE_FORMATS: ReadonlyArray<readonly [ExtractableMediaType, string, RegExp]> = [
  [
    'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
    'word/document.xml',
    /wordprocessingml\.(?:document|template)\.main\+xml|word\.(?:document|template)\.macroEnabled\.main\+xml/i,
  ],
  [
    'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
    'xl/workbook.xml',
    /spreadsheetml\.(?:sheet|template)\.main\+xml|excel\.(?:sheet|template)\.macroEnabled\.main\+xml/i,
  ],
  [
    'application/vnd.openxmlformats-officedocument.presentationml.presentation',
    'ppt/presentation.xml',
    /presentationml\.(?:presentation|slideshow|template)\.main\+xml|powerpoint\.(?:presentation|slideshow|template)\.macroEnabled\.main\+xml/i,
  ],
];
const HEADER_BYTES = 1024;
const SAMPLE_BYTES = 64 * 1024;
const CONTENT_TYPES_BYTES = 4 * 1024 * 1024;
const MAX_CONTROL_SHARE = 0.02;
const PROLOGUE = '^(?:\\s|<\\?xml[^>]*>|<!--[\\s\\S]*?-->)*';
const MARKUP = new RegExp(`${PROLOGUE}<(?:!doctype\\s+(?:html|svg)|html|svg|head|body|script)\\b|^\\s*<\\?xml`, 'i');
const HTML_START = new RegExp(`${PROLOGUE}<(?:!doctype\\s+html|html|head|body)\\b`, 'i');
const HTML_NAME = /\.(?:html?|xhtml)$/i;
const HTML_ELEMENT = /<(?:p|div|h[1-6]|ul|ol|table|span|a|br|section|article)\b[^>]*>/i;
const CSV_NAME = /\.(?:csv|tsv|tab)$/i;
const CSV_TYPE = /^(?:text\/csv|text\/tab-separated-values|application\/csv)\b/i;
const TEXT_BASED_FORMATS = /^(?:\{\\rtf|%!PS|MIME-Version:|-----BEGIN )/;
const MARKDOWN_NAME = /\.(?:md|markdown|mdown|mkdn?|mdx)$/i;
const TEXT_NAME = /\.(?:txt|text|log)$/i;
const OLD_OFFICE =
  'This type of file cannot be read: it is of an older format, such as DOC, XLS, PPT or MSG. Save it as DOCX, XLSX, PPTX or PDF and upload that.';
const PDF_NAME = /\.pdf$/i;

/**
 * Finds out what a file really is from its content; name and declared type only tell kinds of text apart.
 *
 * Throws `empty`, `unsupported-type`, `encrypted` (an Office file behind a password) or `damaged` (a broken ZIP).
 */
export async function detectMediaType(bytes: Uint8Array, claims: FileClaims): Promise<ExtractableMediaType> {
  if (bytes.byteLength === 0) throw new ExtractionError('empty');
  if (isPdf(bytes, claims)) return 'application/pdf';
  if (startsWith(bytes, [0x50, 0x4b, 0x03, 0x04])) return officeDocumentIn(bytes);
  if (startsWith(bytes, [0xd0, 0xcf, 0x11, 0xe0])) throw oleProblem(bytes);
  if (await looksLikeText(bytes)) return textType(bytes, claims);
  throw new ExtractionError('unsupported-type');
}

function startsWith(bytes: Uint8Array, signature: readonly number[]): boolean {
  return signature.every((byte, index) => bytes[index] === byte);
}

function latin1(bytes: Uint8Array, length: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, length)).toString('latin1');
}

// Readers accept some bytes before the header; a text that merely mentions it must not become a PDF, nor HTML around it.
function isPdf(bytes: Uint8Array, { fileName, declaredMediaType }: FileClaims): boolean {
  const start = latin1(bytes, HEADER_BYTES);
  const at = start.indexOf('%PDF-');
  if (at === 0) return true;
  const claimed = PDF_NAME.test(fileName) || declaredMediaType === 'application/pdf';
  if (!claimed || MARKUP.test(start) || start.startsWith('PK')) return false;
  return at > 0 || /^\s*\d+ \d+ obj\b/m.test(start);
}

function officeDocumentIn(bytes: Uint8Array): ExtractableMediaType {
  const archive = openZipArchive(bytes, CONTENT_TYPES_BYTES);
  const usual = OFFICE_FORMATS.find(([, part]) => archive.has(part));
  if (usual) return usual[0];
  const types = archive.has('[Content_Types].xml') ? Buffer.from(archive.read('[Content_Types].xml')).toString() : '';
  const named = OFFICE_FORMATS.find(([, , contentType]) => contentType.test(types));
  if (named) return named[0];
  throw new ExtractionError('unsupported-type');
}

// Office keeps a password-protected file as a stream of this name in an OLE container ([MS-OFFCRYPTO] 2.3.4).
function oleProblem(bytes: Uint8Array): ExtractionError {
  const stream = Buffer.from('EncryptedPackage', 'utf16le');
  const isLocked = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).includes(stream);
  return isLocked ? new ExtractionError('encrypted') : new ExtractionError('unsupported-type', { message: OLD_OFFICE });
}

async function looksLikeText(bytes: Uint8Array): Promise<boolean> {
  const sample = bytes.subarray(0, SAMPLE_BYTES);
  const unicode = detectUnicode(sample);
  if (unicode) return isReadable(iconv.decode(sample, unicode));
  const controls = controlShare(sample);
  if (controls === 0 && isUtf8(sample)) return true;
  if (controls > MAX_CONTROL_SHARE || sample.includes(0)) return isUtf8(sample) && controls <= MAX_CONTROL_SHARE;
  // Short signatures such as BM or MZ also begin ordinary words, hence only what is not clean UTF-8 is asked here.
  const { fileTypeFromBuffer } = await import('file-type');
  return (await fileTypeFromBuffer(sample)) === undefined;
}

// The last character may be cut by the end of the sample.
function isReadable(text: string): boolean {
  const unreadable = text.slice(0, -1).match(/[\p{Cc}\p{Cn}\p{Co}\p{Cs}\uFFFD]/gu) ?? [];
  return unreadable.filter((character) => !/\s/.test(character)).length <= text.length * MAX_CONTROL_SHARE;
}

function isUtf8(sample: Uint8Array): boolean {
  try {
    // Streaming, because the sample may end inside a character.
    new TextDecoder('utf-8', { fatal: true }).decode(sample, { stream: true });
    return true;
  } catch {
    return false;
  }
}

function controlShare(sample: Uint8Array): number {
  let controls = 0;
  for (const byte of sample) {
    const printable = byte >= 0x20 || (byte >= 0x07 && byte <= 0x0f) || byte === 0x1b;
    if (!printable) controls += 1;
  }
  return controls / sample.length;
}

function textType(bytes: Uint8Array, claims: FileClaims): ExtractableMediaType {
  const { fileName, declaredMediaType = '' } = claims;
  const start = latin1(bytes, HEADER_BYTES).replace(/^\xef\xbb\xbf/, '');
  if (TEXT_BASED_FORMATS.test(start)) throw new ExtractionError('unsupported-type');
  if (MARKDOWN_NAME.test(fileName)) return 'text/markdown';
  if (TEXT_NAME.test(fileName)) return 'text/plain';
  if (isHtml(bytes, start, claims)) return 'text/html';
  if (MARKUP.test(start)) throw new ExtractionError('unsupported-type');
  if (declaredMediaType === 'text/markdown') return 'text/markdown';
  const isCsv = (CSV_NAME.test(fileName) || CSV_TYPE.test(declaredMediaType)) && holdsTogether(bytes);
  return isCsv ? 'text/csv' : 'text/plain';
}

// A page that claims to be a PDF is no mistake that people make: whoever relies on the claim would show it to a browser.
function isHtml(bytes: Uint8Array, start: string, { fileName, declaredMediaType = '' }: FileClaims): boolean {
  if (PDF_NAME.test(fileName) || declaredMediaType === 'application/pdf') return false;
  if (HTML_START.test(start)) return true;
  const isNamed = HTML_NAME.test(fileName) || /^(?:text\/html|application\/xhtml\+xml)\b/i.test(declaredMediaType);
  return isNamed && !MARKUP.test(start) && HTML_ELEMENT.test(decodeText(bytes.subarray(0, SAMPLE_BYTES)));
}

function holdsTogether(bytes: Uint8Array): boolean {
  return csvDelimiter(cleanText(decodeText(bytes.subarray(0, SAMPLE_BYTES)))) !== null;
}
