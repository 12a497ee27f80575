import remarkFrontmatter from 'remark-frontmatter';
import remarkGfm from 'remark-gfm';
import remarkParse from 'remark-parse';
import { unified } from 'unified';
import { parse as parseYaml } from 'yaml';
import { z } from 'zod';

export type Run = { text: string; bold: boolean; italic: boolean; code: boolean; footnote?: Run[] };

export type Block =
  | { kind: 'heading'; level: number; runs: Run[] }
  | { kind: 'paragraph'; runs: Run[] }
  | { kind: 'list'; ordered: boolean; items: Run[][] }
  | { kind: 'table'; rows: Run[][][] };

export type DocumentSource = { title: string; subtitle: string; classification: string; blocks: Block[] };

const FrontMatter = z.object({ title: z.string(), subtitle: z.string(), classification: z.string() });

const processor = unified().use(remarkParse).use(remarkFrontmatter).use(remarkGfm);
type Root = ReturnType<typeof processor.parse>;
type BlockNode = Root['children'][number];
type Phrasing = Extract<BlockNode, { type: 'paragraph' }>['children'][number];
type Style = Pick<Run, 'bold' | 'italic' | 'code'>;
type Footnotes = Map<string, BlockNode[]>;

const plain: Style = { bold: false, italic: false, code: false };

function runsOf(nodes: Phrasing[], footnotes: Footnotes, style: Style = plain): Run[] {
  return nodes.flatMap((node): Run[] => {
    switch (node.type) {
      case 'text':
        return [{ text: node.value.replace(/\s*\n\s*/g, ' '), ...style }];
      case 'inlineCode':
        return [{ text: node.value, ...style, code: true }];
      case 'strong':
        return runsOf(node.children, footnotes, { ...style, bold: true });
      case 'emphasis':
        return runsOf(node.children, footnotes, { ...style, italic: true });
      case 'link':
        return runsOf(node.children, footnotes, style);
      case 'footnoteReference':
        return [{ text: '', ...style, footnote: paragraphRuns(footnotes.get(node.identifier) ?? [], footnotes) }];
      default:
        throw new Error(`The sample documents do not use "${node.type}"`);
    }
  });
}

function paragraphRuns(nodes: BlockNode[], footnotes: Footnotes): Run[] {
  return nodes.flatMap((node) => (node.type === 'paragraph' ? runsOf(node.children, footnotes) : []));
}

function blocksOf(node: BlockNode, footnotes: Footnotes): Block[] {
  switch (node.type) {
    case 'heading':
      return [{ kind: 'heading', level: node.depth, runs: runsOf(node.children, footnotes) }];
    case 'paragraph':
      return [{ kind: 'paragraph', runs: runsOf(node.children, footnotes) }];
    case 'list': {
      const items = node.children.map((item) => paragraphRuns(item.children, footnotes));
      return [{ kind: 'list', ordered: node.ordered === true, items }];
    }
    case 'table': {
      const rows = node.children.map((row) => row.children.map((cell) => runsOf(cell.children, footnotes)));
      return [{ kind: 'table', rows }];
    }
    case 'yaml':
    case 'footnoteDefinition':
      return [];
    default:
      throw new Error(`The sample documents do not use "${node.type}"`);
  }
}

/** Reads a sample document's Markdown source with its title, subtitle and classification; throws on anything unknown. */
export function readSource(markdown: string): DocumentSource {
  const tree = processor.parse(markdown);
  const footnotes: Footnotes = new Map();
  let frontMatter: unknown;
  for (const node of tree.children) {
    if (node.type === 'footnoteDefinition') footnotes.set(node.identifier, node.children);
    if (node.type === 'yaml') frontMatter = parseYaml(node.value);
  }
  return { ...FrontMatter.parse(frontMatter), blocks: tree.children.flatMap((node) => blocksOf(node, footnotes)) };
}
