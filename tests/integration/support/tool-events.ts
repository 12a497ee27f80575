import type { AuditItem } from '../../../shared/contracts/audit.ts';
import type { Page } from '../../../shared/contracts/paging.ts';
import type { UiMessageChunk } from '../../../shared/contracts/ui-message-stream.ts';
import type { StreamEvent } from './conversations.ts';
import { eventually, type TestPerson, type TestTenant } from './platform.ts';
import type { PromptMessage } from './scripted-model.ts';

/** The chunks of a stream, without its end. */
export function chunksOf(events: readonly StreamEvent[]): UiMessageChunk[] {
  return events.flatMap(({ chunk }) => (chunk === 'done' ? [] : [chunk as UiMessageChunk]));
}

type ToolChunk = Extract<UiMessageChunk, { toolCallId: string }>;

/** What a stream says of tools, in order. */
export function toolChunks(events: readonly StreamEvent[]): ToolChunk[] {
  return chunksOf(events).filter((chunk): chunk is ToolChunk => 'toolCallId' in chunk);
}

/** What the model read as the results of tools. */
export function resultsIn(messages: readonly PromptMessage[] | undefined): string[] {
  return (messages ?? []).filter(({ role }) => role === 'tool').map(({ content }) => content);
}

/** The calls of tools on record in a tenant, oldest first, as soon as there are `count`. */
export async function toolCallsOnRecord(tenant: TestTenant, count: number): Promise<AuditItem[]> {
  const auditor = await tenant.person(['Auditor']);
  return eventually(async () => {
    const page = await auditor.must<Page<AuditItem>>('GET', '/api/v1/admin/audit?action=tool.called&limit=100');
    return page.items.length >= count ? page.items.toReversed() : undefined;
  });
}

/** A person of a tenant at another instance of the app. */
export function samePerson(tenant: TestTenant, { oid }: TestPerson, apiUrl: string): Promise<TestPerson> {
  return tenant.person(['Member'], { apiUrl, oid });
}
