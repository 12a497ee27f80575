import { describe, expect, it } from 'vitest';
import { extractPptx } from '../../../../shared/ingestion/extraction/presentation/extract-pptx.ts';
import { blocksOf, limits } from './extracted-blocks.ts';
import { makePptx, shape } from './make-office.ts';

const cell = (text: string) => `<a:tc><a:txBody><a:p><a:r><a:t>${text}</a:t></a:r></a:p></a:txBody></a:tc>`;
const table = (...rows: readonly (readonly string[])[]) =>
  `<p:graphicFrame><a:tbl>${rows.map((cells) => `<a:tr>${cells.map(cell).join('')}</a:tr>`).join('')}</a:tbl></p:graphicFrame>`;

describe('reading presentations', () => {
  it('reads slides in their order: titles, bullets, tables and speaker notes, each with its page', () => {
    const document = extractPptx(
      makePptx([
        {
          xml:
            shape(['What we sell'], 'subTitle') +
            shape(
              ['Annual', 'report'].map((word) => `<a:p><a:r><a:t>${word}</a:t></a:r></a:p>`).slice(0, 1),
              'ctrTitle',
            ),
        },
        {
          xml:
            shape(['Results'], 'title') +
            shape(['Profit rose', '<a:p><a:pPr><a:buNone/></a:pPr><a:r><a:t>Nothing else did.</a:t></a:r></a:p>'], '') +
            table(['Year', 'Profit'], ['2025', '7']) +
            shape(['A remark', '<a:p><a:pPr><a:buChar char="•"/></a:pPr><a:r><a:t>with a bullet</a:t></a:r></a:p>']),
          notes: shape(['2'], 'sldNum') + shape(['Say it slowly.'], 'body'),
        },
      ]),
      limits,
    );
    expect(blocksOf(document)).toEqual([
      ['heading 1', 'Annual'],
      ['paragraph', 'What we sell'],
      ['heading 1', 'Results'],
      ['list-item', '- Profit rose'],
      ['paragraph', 'Nothing else did.'],
      ['table-row', 'Year | Profit'],
      ['table-row', '2025 | 7'],
      ['paragraph', 'A remark'],
      ['list-item', '- with a bullet'],
      ['paragraph', 'Say it slowly.'],
    ]);
    expect(document.blocks.map(({ page }) => page)).toEqual([1, 1, 2, 2, 2, 2, 2, 2, 2, 2]);
    expect([document.pageCount, document.title]).toEqual([2, 'Annual']);
  });

  it('leaves out hidden slides and shapes, and what the master repeats', () => {
    const { text, blocks, pageCount } = extractPptx(
      makePptx([
        { xml: shape(['evil'], 'title'), hidden: true, notes: shape(['evil'], 'body') },
        {
          xml:
            `${shape(['seen'])}${shape(['evil'], undefined, true)}${shape(['evil'], 'ftr')}${shape(['7'], 'sldNum')}` +
            `<p:grpSp><p:nvGrpSpPr><p:cNvPr id="9" name="g" hidden="1"/></p:nvGrpSpPr>${shape(['evil'])}</p:grpSp>`,
        },
      ]),
      limits,
    );
    expect(text).toBe('seen');
    // The number that PowerPoint shows counts hidden slides too.
    expect([blocks[0]?.page, pageCount]).toEqual([2, 2]);
  });

  it('reads one of two alternatives, diagrams, and text in groups', () => {
    const choice = `<mc:AlternateContent xmlns:mc="urn:mc"><mc:Choice Requires="x">${shape(['once'])}</mc:Choice><mc:Fallback>${shape(['once'])}</mc:Fallback></mc:AlternateContent>`;
    const { text } = extractPptx(
      makePptx([
        {
          xml: `${choice}<p:grpSp>${shape(['grouped'])}</p:grpSp>`,
          diagram: '<dgm:pt><dgm:t><a:p><a:r><a:t>Plan</a:t></a:r></a:p></dgm:t></dgm:pt>',
        },
      ]),
      limits,
    );
    expect(text).toBe('once\n\ngrouped\n\nPlan');
  });

  it('writes the URL of a link once, after its last run', () => {
    const run = (text: string, link = '') => `<a:r><a:rPr>${link}</a:rPr><a:t>${text}</a:t></a:r>`;
    const click = '<a:hlinkClick r:id="l1"/>';
    const { text } = extractPptx(
      makePptx([
        {
          xml: shape([
            `<a:p>${run('Ask ')}${run('the ', click)}${run('desk', click)}${run(' now')}<a:br/>${run('or later')}</a:p>`,
          ]),
          links: { l1: 'https://desk.example.com/' },
        },
      ]),
      limits,
    );
    expect(text).toBe('Ask the desk (https://desk.example.com/) now\nor later');
  });

  it('says why nothing came out', () => {
    const two = makePptx([{ xml: shape(['a']) }, { xml: shape(['b']) }]);
    expect(() => extractPptx(two, { ...limits, maxPages: 1 })).toThrow(
      expect.objectContaining({ code: 'too-large', message: expect.stringContaining('2 slides') }),
    );
    expect(() => extractPptx(makePptx([{ xml: '' }]), limits)).toThrow(expect.objectContaining({ code: 'no-text' }));
    expect(() => extractPptx(makePptx([{ xml: '<p:sp>' }]), limits)).toThrow(
      expect.objectContaining({ code: 'damaged' }),
    );
    expect(() => extractPptx(two.subarray(0, two.length / 2), limits)).toThrow(
      expect.objectContaining({ code: 'damaged' }),
    );
  });
});
