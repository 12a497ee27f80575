import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';

type Content = CallToolResult['content'][number];

/** A result for a model that reads text: structured content as JSON, of which text is by the protocol only a copy. */
export function textOfResult({ content, structuredContent }: CallToolResult): string {
  const texts = content.filter(({ type }) => !structuredContent || type !== 'text').map(textOfContent);
  return [...(structuredContent ? [JSON.stringify(structuredContent)] : []), ...texts].join('\n');
}

function textOfContent(content: Content): string {
  switch (content.type) {
    case 'text':
      return content.text;
    case 'resource_link':
      return `(A link to ${content.name}: ${content.uri})`;
    case 'resource':
      return 'text' in content.resource ? content.resource.text : leftOut(content.resource.mimeType);
    default:
      return leftOut(content.mimeType);
  }
}

const leftOut = (mimeType = 'a file') => `(${mimeType} was left out: only text can be read here.)`;
