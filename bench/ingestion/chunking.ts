import { RecursiveCharacterTextSplitter } from '@langchain/textsplitters';
import { type ChunkingStrategy, defaultChunkingOptions } from '../../shared/ingestion/chunking/chunk.ts';
import { chunkDocument } from '../../shared/ingestion/chunking/chunk-document.ts';
import type { ExtractedDocument } from '../../shared/ingestion/extraction/extracted-document.ts';
import { loadTokenizer } from '../../shared/models/tokenizer.ts';
import { type Contender, measureInTurn, processorSeconds } from './stage.ts';

const CHARACTERS_PER_TOKEN = 4;
const SURROUNDING_TOKENS = 1_500;
const GOAL_MEGABYTES = 8;

/** Our chunker and that of LangChain over the same texts, at equal sizes, with the same tokenizer. */
export async function measureChunking(documents: readonly ExtractedDocument[], pages: number) {
  const { count } = await loadTokenizer();
  const { maxTokens, overlapTokens } = defaultChunkingOptions;
  const textBytes = documents.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0);

  function contender(name: string, chunk: (document: ExtractedDocument) => Promise<number>): Contender {
    let chunks = 0;
    const work = async () => {
      chunks = 0;
      for (const document of documents) chunks += await chunk(document);
    };
    return { name, amounts: () => ({ pages, textBytes, chunks }), work };
  }
  const ours = (strategy: ChunkingStrategy, surroundingTokens = 0) =>
    contender(`chunk by ${strategy}${surroundingTokens > 0 ? ', with surroundings' : ''}`, async (document) => {
      const options = { ...defaultChunkingOptions, strategy, surroundingTokens };
      return chunkDocument(document, options, count).length;
    });
  const langChain = (name: string, unit: number, lengthFunction: (text: string) => number) => {
    const sizes = { chunkSize: maxTokens * unit, chunkOverlap: overlapTokens * unit };
    const splitter = new RecursiveCharacterTextSplitter({ ...sizes, lengthFunction });
    return contender(name, async ({ text }) => (await splitter.splitText(text)).length);
  };
  const contenders = [
    ours('structure'),
    ours('structure', SURROUNDING_TOKENS),
    ours('paragraph'),
    ours('fixed'),
    langChain('LangChain recursive, by tokens', 1, count),
    langChain('LangChain recursive, by characters', CHARACTERS_PER_TOKEN, (text) => text.length),
  ];
  const rows = await measureInTurn(contenders, { clock: processorSeconds });
  const speed = Number(rows[0]?.[2]);
  const goal = `Goal: chunking by tokens at ${GOAL_MEGABYTES} MB/s or more: ${speed >= GOAL_MEGABYTES ? 'met' : 'missed'}.`;
  return { rows, goal };
}
