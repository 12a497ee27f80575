import { SaxesParser } from 'saxes';
import { ExtractionError } from '../extraction-error.ts';

export type XmlAttributes = Readonly<Record<string, string>>;

/** What a reader of XML wants to hear of. Names of elements come without their prefix, those of attributes with it. */
export interface XmlEvents {
  readonly open?: (name: string, attributes: XmlAttributes) => void;
  readonly close?: (name: string) => void;
  readonly text?: (text: string) => void;
}

const PIECE_BYTES = 64 * 1024;

/**
 * Goes through an XML file once, keeping none of it. Throws `damaged` for one that is not well-formed, and for any with a
 * document type: Office writes none, and only it can declare entities.
 */
export function readXml(bytes: Uint8Array, { open, close, text }: XmlEvents): void {
  const parser = new SaxesParser();
  const refuse = (cause: unknown): never => {
    throw new ExtractionError('damaged', { cause });
  };
  parser.on('error', refuse);
  parser.on('doctype', () => refuse('the XML has a document type'));
  if (open) parser.on('opentag', ({ name, attributes }) => open(localName(name), attributes as XmlAttributes));
  if (close) parser.on('closetag', ({ name }) => close(localName(name)));
  if (text) {
    parser.on('text', text);
    parser.on('cdata', text);
  }
  const decoder = new TextDecoder(encodingOf(bytes));
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
    parser.write(decoder.decode(bytes.subarray(at, at + PIECE_BYTES), { stream: true }));
  }
  parser.write(decoder.decode()).close();
}

function localName(name: string): string {
  const colon = name.indexOf(':');
  return colon === -1 ? name : name.slice(colon + 1);
}

function encodingOf(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  return bytes[0] === 0xfe && bytes[1] === 0xff ? 'utf-16be' : 'utf-8';
}
