import { strToU8, zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { detectMediaType } from '../../../../shared/ingestion/extraction/detect-media-type.ts';
import { bytesOf } from './extracted-blocks.ts';
import { makePdf } from './make-pdf.ts';

const DOCX = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document';
const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';
const PPTX = 'application/vnd.openxmlformats-officedocument.presentationml.presentation';
const OLE_SIGNATURE = [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];

function detect(bytes: Uint8Array, fileName: string, declaredMediaType?: string) {
  return detectMediaType(bytes, { fileName, declaredMediaType });
}

describe('detecting what a file is', () => {
  it('believes the content, not the name', async () => {
    const pdf = await makePdf([[{ text: 'Hello', x: 50, y: 50 }]]);
    const docx = zipSync({ '[Content_Types].xml': strToU8('<Types/>'), 'word/document.xml': strToU8('<w/>') });
    expect(await detect(pdf, 'notes.txt', 'text/plain')).toBe('application/pdf');
    expect(await detect(docx, 'notes.pdf', 'application/pdf')).toBe(DOCX);
    expect(await detect(bytesOf('Just words.'), 'notes.pdf')).toBe('text/plain');
  });

  it('tells Markdown from plain text by name, then by declared type', async () => {
    const text = bytesOf('# Title');
    expect(await detect(text, 'a.md')).toBe('text/markdown');
    expect(await detect(text, 'a', 'text/markdown')).toBe('text/markdown');
    expect(await detect(text, 'a.txt', 'text/markdown')).toBe('text/plain');
  });

  it('knows Office files by their parts, or by their list of content types', async () => {
    const byPart = (part: string) => detect(zipSync({ [part]: strToU8('<x/>') }), 'a.docx');
    expect(await byPart('xl/workbook.xml')).toBe(XLSX);
    expect(await byPart('ppt/presentation.xml')).toBe(PPTX);
    const types = (type: string) => strToU8(`<Types><Override PartName="/odd.xml" ContentType="${type}"/></Types>`);
    const byType = (type: string) => detect(zipSync({ '[Content_Types].xml': types(type) }), 'a.zip');
    expect(await byType('application/vnd.ms-excel.sheet.macroEnabled.main+xml')).toBe(XLSX);
    expect(await byType('application/vnd.openxmlformats-officedocument.presentationml.slideshow.main+xml')).toBe(PPTX);
    await expect(byType('application/vnd.oasis.opendocument.text')).rejects.toMatchObject({ code: 'unsupported-type' });
  });

  it('knows HTML by its beginning, or by its name and elements', async () => {
    const page = '<!-- made --><!DOCTYPE html><html lang="en"><p>Hello</p></html>';
    expect(await detect(bytesOf(page), 'page')).toBe('text/html');
    expect(await detect(bytesOf(`<?xml version="1.0"?>\n${page}`), 'a.xhtml')).toBe('text/html');
    expect(await detect(bytesOf('<p>Hello</p>'), 'a.htm')).toBe('text/html');
    expect(await detect(Buffer.from(`\ufeff${page}`, 'utf16le'), 'a.html')).toBe('text/html');
    expect(await detect(bytesOf('Hello 1 < 2'), 'a.html')).toBe('text/plain');
    expect(await detect(bytesOf(page), 'a.md')).toBe('text/markdown');
    expect(await detect(bytesOf(page), 'a.txt')).toBe('text/plain');
    for (const other of ['<svg xmlns="http://www.w3.org/2000/svg"/>', '<?xml version="1.0"?><note/>']) {
      await expect(detect(bytesOf(other), 'a.html')).rejects.toMatchObject({ code: 'unsupported-type' });
    }
  });

  it('knows CSV by its name or declared type, if its rows agree', async () => {
    const table = bytesOf('a;b\n1;2\n');
    expect(await detect(table, 'a.csv')).toBe('text/csv');
    expect(await detect(table, 'a', 'text/csv; header=present')).toBe('text/csv');
    expect(await detect(Buffer.from('\ufeffa\tb\n1\t2\n', 'utf16le'), 'a.tsv')).toBe('text/csv');
    expect(await detect(table, 'a.log')).toBe('text/plain');
    expect(await detect(bytesOf('Dear all,\n\nthis is a letter.\n\nYours'), 'a.csv')).toBe('text/plain');
  });

  it.each([
    ['HTML', '<!DOCTYPE html><html><body>%PDF-1.4</body></html>'],
    ['HTML after a comment', '<!-- %PDF-1.7 --><html></html>'],
    ['SVG', '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'],
    ['XML', '<?xml version="1.0"?><root/>'],
    ['RTF', '{\\rtf1 Hello}'],
  ])('refuses %s that claims to be a PDF', async (_, content) => {
    await expect(detect(bytesOf(content), 'a.pdf', 'application/pdf')).rejects.toMatchObject({
      code: 'unsupported-type',
    });
  });

  it('refuses what is not text under the name of a text', async () => {
    const png = Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52]);
    const noise = Uint8Array.from({ length: 4096 }, (_, index) => (index * 197 + (index >> 3) * 31) % 256);
    for (const bytes of [png, noise, zipSync({ 'xl/workbook.bin': strToU8('x') })]) {
      await expect(detect(bytes, 'a.txt', 'text/plain')).rejects.toMatchObject({ code: 'unsupported-type' });
    }
  });

  it('takes words that begin like a binary format for words', async () => {
    expect(await detect(bytesOf('BMW is a company.'), 'a.txt')).toBe('text/plain');
    expect(await detect(bytesOf('How a PDF begins: %PDF-1.7'), 'a.txt')).toBe('text/plain');
  });

  it('knows a Word file behind a password, an empty file and a broken archive', async () => {
    const locked = Buffer.concat([Buffer.from(OLE_SIGNATURE), Buffer.from('EncryptedPackage', 'utf16le')]);
    await expect(detect(locked, 'a.docx')).rejects.toMatchObject({ code: 'encrypted' });
    await expect(detect(Buffer.from(OLE_SIGNATURE), 'a.doc')).rejects.toMatchObject({
      code: 'unsupported-type',
      message: expect.stringContaining('Save it as DOCX'),
    });
    await expect(detect(new Uint8Array(), 'a.docx')).rejects.toMatchObject({ code: 'empty' });
    await expect(detect(bytesOf('PK\u0003\u0004cut off'), 'a.docx')).rejects.toMatchObject({ code: 'damaged' });
  });
});
