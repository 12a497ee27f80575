import type { AuditLog } from '../../audit/audit-log.ts';
import type { Documents } from '../../knowledge/documents.ts';
import type { PassageSearch } from '../../knowledge/passage-search.ts';
import type { HttpReader } from '../http-reader.ts';
import type { Tool, ToolSource } from '../tool.ts';
import { calculator } from './calculator.ts';
import { currentTime } from './current-time.ts';
import { httpGet } from './http-get.ts';
import { readDocument } from './read-document.ts';
import { searchKnowledge } from './search-knowledge.ts';

export interface BuiltInToolOptions {
  readonly searchPassages: PassageSearch;
  readonly documents: Pick<Documents, 'get' | 'textWindow'>;
  readonly readPage: HttpReader;
  readonly audit: AuditLog;
  readonly now: () => Date;
}

/** The tools that the platform brings along; a tenant's policy says which of them may be called. */
export function createBuiltInTools(options: BuiltInToolOptions): ToolSource {
  const tools = [
    searchKnowledge(options.searchPassages),
    readDocument(options),
    currentTime(options.now),
    calculator,
    httpGet(options.readPage),
  ] as readonly Tool[];
  return { tools: async () => tools };
}
