import { ExtractionError } from '../extraction-error.ts';
import { openZipArchive } from '../zip-archive.ts';

/** The part of a file that mammoth asks for; see its `unzip.openZip`, which takes it as `{ file }`. */
export interface DocxPackage {
  readonly exists: (name: string) => boolean;
  readonly read: (name: string, encoding?: string) => Promise<string | Uint8Array>;
}

const DOCUMENT_TYPE = /<!(?:DOCTYPE|ENTITY)/i;

/**
 * Opens a Word file so that every byte mammoth sees has been counted and no XML declares entities.
 *
 * Only the parts that mammoth reads are inflated: pictures never are. Comments are hidden from it.
 */
export function openDocxPackage(bytes: Uint8Array, maxDecompressedBytes: number): DocxPackage {
  const archive = openZipArchive(bytes, maxDecompressedBytes);
  return {
    exists: (name) => archive.has(name) && name !== 'word/comments.xml',
    read: async (name, encoding) => {
      const content = archive.read(name);
      if (!encoding) return content;
      const text = new TextDecoder(xmlEncoding(content)).decode(content);
      if (DOCUMENT_TYPE.test(text)) throw new ExtractionError('damaged');
      return text;
    },
  };
}

function xmlEncoding(content: Uint8Array): string {
  if (content[0] === 0xff && content[1] === 0xfe) return 'utf-16le';
  return content[0] === 0xfe && content[1] === 0xff ? 'utf-16be' : 'utf-8';
}
