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
      ['paragraph', 'Read the policy now.'],
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

  it('says that a file of nothing but markup has no text', () => {
    expect(() => extractMarkdown(bytesOf('<!-- nothing -->'), limits)).toThrow(
      expect.objectContaining({ code: 'no-text' }),
    );
  });
});
