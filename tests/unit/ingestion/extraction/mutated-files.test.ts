import { Document, Packer, Paragraph } from 'docx';
import fc from 'fast-check';
import { unzipSync, zipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ExtractedDocument } from '../../../../shared/ingestion/extraction/extracted-document.ts';
import { ExtractionError } from '../../../../shared/ingestion/extraction/extraction-error.ts';
import { createExtractor, type Extractor } from '../../../../shared/ingestion/extraction/extractor.ts';
import { bytesOf } from './extracted-blocks.ts';
import { makePptx, makeXlsx, shape } from './make-office.ts';
import { lines, makePdf } from './make-pdf.ts';

const RUNS = 25;

type Mutation =
  | { readonly kind: 'flip' | 'insert'; readonly at: number; readonly value: number }
  | { readonly kind: 'cut' | 'repeat'; readonly at: number; readonly length: number };

const place = fc.double({ min: 0, max: 1, noNaN: true });
const mutations: fc.Arbitrary<Mutation[]> = fc.array(
  fc.oneof(
    fc.record({
      kind: fc.constantFrom('flip' as const, 'insert' as const),
      at: place,
      value: fc.integer({ min: 0, max: 255 }),
    }),
    fc.record({
      kind: fc.constantFrom('cut' as const, 'repeat' as const),
      at: place,
      length: fc.integer({ min: 1, max: 200 }),
    }),
  ),
  { minLength: 1, maxLength: 12 },
);

function mutate(bytes: Uint8Array, changes: readonly Mutation[]): Uint8Array {
  return changes.reduce(changed, bytes);
}

function changed(bytes: Uint8Array, change: Mutation): Uint8Array {
  const at = Math.floor(change.at * bytes.length);
  const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)];
  if ('length' in change) {
    const rest = change.kind === 'cut' ? [after.subarray(change.length)] : [after.subarray(0, change.length), after];
    return Buffer.concat([before, ...rest]);
  }
  if (change.kind === 'insert') return Buffer.concat([before, Uint8Array.of(change.value), after]);
  return Buffer.concat([before, Uint8Array.of((after[0] ?? 0) ^ change.value), after.subarray(1)]);
}

/** Changes the parts of an archive, not their compressed form, so that the reader of the parts has to cope. */
function mutateParts(bytes: Uint8Array, changes: readonly Mutation[]): Uint8Array {
  const parts = Object.entries(unzipSync(bytes)).filter(([name]) => !name.startsWith('['));
  const chosen = Math.floor((changes[0]?.at ?? 0) * parts.length);
  return zipSync(
    Object.fromEntries(parts.map(([name, part], index) => [name, index === chosen ? mutate(part, changes) : part])),
  );
}

function expectWhole({ text, blocks }: ExtractedDocument): void {
  expect(text.isWellFormed()).toBe(true);
  let end = 0;
  for (const block of blocks) {
    expect(block.start).toBeGreaterThanOrEqual(end);
    expect(block.end).toBeGreaterThan(block.start);
    expect(text.slice(end, block.start).trim()).toBe('');
    end = block.end;
  }
  expect(end).toBe(text.length);
}

describe('files that were changed at random', () => {
  let extractor: Extractor;
  const files = new Map<string, Uint8Array>();

  beforeAll(async () => {
    extractor = createExtractor({ concurrency: 2, limits: { timeoutMilliseconds: 20_000 } });
    const prose = ['A policy for travel.', 'It holds for everybody.', 'Claims are paid within thirty days.'];
    files.set('a.pdf', await makePdf([lines(prose, 50, 60), lines(prose, 50, 60)], 'Policy'));
    const word = new Document({ sections: [{ children: prose.map((text) => new Paragraph(text)) }] });
    files.set('a.docx', new Uint8Array(await Packer.toBuffer(word)));
    const cells = '<row><c r="A1" t="s"><v>0</v></c><c r="C1" s="0"><v>45352.5</v></c></row>';
    const styles = '<cellXfs><xf numFmtId="22"/></cellXfs>';
    const sheet = { name: 'S', xml: `<sheetData>${cells.repeat(5)}</sheetData>` };
    files.set('a.xlsx', makeXlsx([sheet, sheet], { strings: '<si><t>Fare</t></si>', styles }));
    files.set('a.pptx', makePptx([{ xml: shape(['Title'], 'title') + shape(prose, ''), notes: shape(prose, 'body') }]));
    files.set(
      'a.html',
      bytesOf(
        `<!doctype html><h1>Policy</h1><ul>${prose.map((text) => `<li>${text}`)}</ul><table><tr><td>a<td>b</table>`,
      ),
    );
    files.set('a.csv', bytesOf(`City;Fare\n${'"Oslo";"1,200"\n'.repeat(20)}`));
    files.set(
      'a.md',
      bytesOf(`---\ntitle: Policy\n---\n# Policy\n\n- ${prose.join('\n- ')}\n\n| a | b |\n|---|---|\n| 1 | 2 |\n`),
    );
    files.set('a.txt', Buffer.from(`\ufeff${prose.join('\n\n')}`, 'utf16le'));
  });
  afterAll(() => extractor.close());

  async function expectOutcome(bytes: Uint8Array, fileName: string): Promise<void> {
    const outcome = await extractor.extract(bytes, { fileName }).catch((error: unknown) => error);
    if (outcome instanceof Error) expect(outcome).toBeInstanceOf(ExtractionError);
    else expectWhole(outcome as ExtractedDocument);
  }

  it.each(['a.pdf', 'a.docx', 'a.xlsx', 'a.pptx', 'a.html', 'a.csv', 'a.md', 'a.txt'])(
    'end as a document or with a reason: %s',
    async (name) => {
      const original = files.get(name) as Uint8Array;
      expectWhole(await extractor.extract(original.slice(), { fileName: name }));
      const property = fc.asyncProperty(mutations, (changes) => expectOutcome(mutate(original, changes), name));
      await fc.assert(property, { numRuns: RUNS });
    },
  );

  it.each(['a.docx', 'a.xlsx', 'a.pptx'])(
    'end so too when only a part of the archive was changed: %s',
    async (name) => {
      const original = files.get(name) as Uint8Array;
      const property = fc.asyncProperty(mutations, (changes) => expectOutcome(mutateParts(original, changes), name));
      await fc.assert(property, { numRuns: RUNS });
    },
  );

  it('end so too when they are random altogether', async () => {
    const starts = ['', '%PDF-1.7\n', 'PK\u0003\u0004', '<!doctype html>', '\u00ff\u00fe', 'a,b\n'];
    const bytes = fc.tuple(fc.constantFrom(...starts), fc.uint8Array({ maxLength: 2_000 }));
    const random = fc.asyncProperty(bytes, fc.constantFrom(...files.keys()), ([start, rest], name) =>
      expectOutcome(Buffer.concat([Buffer.from(start, 'latin1'), rest]), name),
    );
    await fc.assert(random, { numRuns: 4 * RUNS });
  });
});
