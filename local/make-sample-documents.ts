import { readFile, writeFile } from 'node:fs/promises';
import { mock } from 'node:test';
import iconv from 'iconv-lite';
import { readSource } from './sample-document-rendering/read-source.ts';
import { renderDocx } from './sample-document-rendering/render-docx.ts';
import { renderPdf } from './sample-document-rendering/render-pdf.ts';

const folder = new URL('./sample-documents/', import.meta.url);
const date = new Date('2026-01-05T09:00:00Z');
const pdfs = ['employee-handbook', 'security-policy', 'salary-bands'];
const docxs = ['travel-and-expenses', 'benefits-overview', 'board-minutes-q3'];

const read = (name: string): Promise<string> => readFile(new URL(`sources/${name}`, folder), 'utf8');
const write = (name: string, content: Uint8Array): Promise<void> => writeFile(new URL(name, folder), content);

// The docx package stamps files with the clock and the local time zone; both stand still, so that every run gives the same bytes.
process.env.TZ = 'UTC';
mock.timers.enable({ apis: ['Date'], now: date });

for (const name of pdfs) await write(`${name}.pdf`, await renderPdf(readSource(await read(`${name}.md`)), date));
for (const name of docxs) await write(`${name}.docx`, await renderDocx(readSource(await read(`${name}.md`))));
await write('supplier-terms.txt', iconv.encode(await read('supplier-terms.txt'), 'latin1'));
