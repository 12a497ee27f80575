import mammoth from 'mammoth';
import { extractText, getDocumentProxy } from 'unpdf';
import type { ExtractedDocument } from '../../shared/ingestion/extraction/extracted-document.ts';
import type { Extractor } from '../../shared/ingestion/extraction/extractor.ts';
import { type Format, formats, type MadeDocument } from '../made-documents.ts';
import { type Contender, measureInTurn, processorSeconds } from './stage.ts';

/** Each format as the app reads it, in its thread, and with nothing but the text of its library in this one. */
export async function measureExtraction(extractor: Extractor, made: ReadonlyMap<Format, readonly MadeDocument[]>) {
  const extracted = new Map<Format, ExtractedDocument[]>();
  const amounts = (format: Format) => () => ({
    pages: sum(extracted.get('pdf') ?? [], ({ pageCount }) => pageCount ?? 0),
    textBytes: sum(extracted.get(format) ?? [], ({ text }) => Buffer.byteLength(text)),
    chunks: null,
  });
  const ours = formats.map((format): Contender => {
    const work = async () => {
      const found: ExtractedDocument[] = [];
      for (const document of made.get(format) ?? []) found.push(await extractOne(extractor, document));
      extracted.set(format, found);
    };
    return { name: `extract ${format.toUpperCase()}`, amounts: amounts(format), work };
  });
  const eachOf = (format: Format, read: (content: Uint8Array) => Promise<unknown>) => async () => {
    for (const { content } of made.get(format) ?? []) await read(Uint8Array.from(content));
  };
  const raw: Contender[] = [
    { name: 'unpdf alone, plain text', amounts: amounts('pdf'), work: eachOf('pdf', plainPdf) },
    { name: 'mammoth alone, `extractRawText`', amounts: amounts('docx'), work: eachOf('docx', plainDocx) },
  ];
  return { rows: await measureInTurn([...ours, ...raw], { clock: processorSeconds }), extracted };
}

export function extractOne(extractor: Extractor, { name, content }: MadeDocument): Promise<ExtractedDocument> {
  return extractor.extract(Uint8Array.from(content), { fileName: name, declaredMediaType: undefined });
}

async function plainPdf(content: Uint8Array): Promise<string> {
  const pdf = await getDocumentProxy(content, { verbosity: 0 });
  const { text } = await extractText(pdf, { mergePages: true });
  await pdf.loadingTask.destroy();
  return text;
}

const plainDocx = (content: Uint8Array) => mammoth.extractRawText({ buffer: Buffer.from(content) });

const sum = <T>(all: readonly T[], amountOf: (one: T) => number) =>
  all.reduce((total, one) => total + amountOf(one), 0);
