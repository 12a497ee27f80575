import { describe, expect, it } from 'vitest';
import { extractMarkdown } from '../../../../shared/ingestion/extraction/extract-markdown.ts';
import { blocksOf, bytesOf, limits } from './extracted-blocks.ts';

describe('reading Markdown', () => {
  it('keeps headings, lists, tables and code apart', () => {
    const source = `# Travel

Read the [policy](https://example.com) **now**.

## Rules

- first
  - nested
1. second

> quoted

| City | Fare |
|------|------|
| Oslo | 120  |

\`\`\`ts
const a = 1;

  const b = 2;
\`\`\`
`;
    const document = extractMarkdown(bytesOf(source), limits);
    expect(blocksOf(document)).toEqual([
      ['heading 1', 'Travel'],
      ['paragraph', 'Read the policy (https://example.com) now.'],
      ['heading 2', 'Rules'],
      ['list-item', '- first'],
      ['list-item', '- nested'],
      ['list-item', '- second'],
      ['paragraph', 'quoted'],
      ['table-row', 'City | Fare'],
      ['table-row', 'Oslo | 120'],
      ['code', 'const a = 1;\n\n  const b = 2;'],
    ]);
    expect(document.title).toBe('Travel');
  });

  it('takes the title from the front matter and leaves the rest of it out', () => {
    const document = extractMarkdown(bytesOf('---\ntitle: Leave policy\ntags: [hr]\n---\n# Other\n\nText'), limits);
    expect(document.title).toBe('Leave policy');
    expect(document.text).toBe('Other\n\nText');
  });

  it('survives front matter that is broken or wants to grow', () => {
    expect(extractMarkdown(bytesOf('---\n: [}\n---\n# Own title'), limits).title).toBe('Own title');
    const bomb = '---\na: &a [x, x]\nb: &b [*a, *a]\ntitle: [*b, *b]\n---\nText';
    expect(extractMarkdown(bytesOf(bomb), limits).title).toBeNull();
  });

  it('shows the words of raw HTML, not its tags, scripts or comments', () => {
    const document = extractMarkdown(bytesOf('<div><b>Seen</b><!-- hidden --><script>evil()</script></div>'), limits);
    expect(document.text).toBe('Seen');
  });

  it('reads tables of raw HTML as rows, and leaves out what they hide', () => {
    const source = '# A\n\n<table><tr><td>Oslo</td><td>120</td></tr><tr hidden><td>evil</td><td>x</td></tr></table>\n';
    expect(blocksOf(extractMarkdown(bytesOf(source), limits))).toEqual([
      ['heading 1', 'A'],
      ['table-row', 'Oslo | 120'],
    ]);
  });

  it('writes URLs after links, also after those that name one, but none that lead nowhere', () => {
    const source =
      'Ask [the desk][d] or [us](../us.md), see <https://example.com/a> and [x](javascript:evil()).\n\n[D]: https://desk.example.com\n';
    expect(extractMarkdown(bytesOf(source), limits).text).toBe(
      'Ask the desk (https://desk.example.com) or us, see https://example.com/a and x.',
    );
  });

  it('says that a file of nothing but markup has no text', () => {
    expect(() => extractMarkdown(bytesOf('<!-- nothing -->'), limits)).toThrow(
      expect.objectContaining({ code: 'no-text' }),
    );
  });
});
