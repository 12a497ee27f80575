import type { AuditLog } from '../audit/audit-log.ts';
import { actorOf } from '../audit/sign-ins.ts';
import type { RunId } from '../contracts/identifiers.ts';
import type { Principal } from '../identity/principal.ts';
import type { Tool } from './tool.ts';

/** What became of a call. */
export interface ToolCallRecord {
  readonly runId: RunId;
  /** null: a name that the model made up, which is not repeated. */
  readonly tool: Tool | null;
  readonly outcome: 'allowed' | 'denied' | 'failed';
  /** Whether somebody was asked, and agreed or not. */
  readonly isDecided?: boolean;
}

/** Puts a call on record: by whom, which tool and how it ended; never its arguments or result. */
export function recordCall(audit: AuditLog, principal: Principal, record: ToolCallRecord): Promise<void> {
  const { runId, tool, outcome, isDecided = false } = record;
  return audit.record({
    tenantId: principal.tenantId,
    action: 'tool.called',
    outcome,
    actor: actorOf(principal),
    subject: runId,
    details: { tool: tool?.name ?? 'unknown', isDecided },
  });
}
