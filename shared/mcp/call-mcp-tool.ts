import type { AuditLog } from '../audit/audit-log.ts';
import { actorOf } from '../audit/sign-ins.ts';
import { AppError } from '../errors.ts';
import type { Principal } from '../identity/principal.ts';
import type { Logger } from '../telemetry/logger.ts';
import { traceToolCall } from '../tools/trace-tool-call.ts';
import type { McpTool } from './mcp-tool.ts';

export interface McpToolAnswer {
  readonly structured: Readonly<Record<string, unknown>>;
  readonly text: string;
}

export interface CallOptions {
  readonly audit: AuditLog;
  readonly log: Pick<Logger, 'error'>;
}

type McpToolOutcome =
  | { readonly status: 'done'; readonly answer: McpToolAnswer }
  | { readonly status: 'failed' | 'refused'; readonly error: AppError };

/**
 * Runs a tool for whom it is for, and puts the call on record and in the trace. @throws AppError whose message the client
 * may read.
 */
export async function callMcpTool(
  { audit, log }: CallOptions,
  tool: McpTool,
  principal: Principal,
  input: unknown,
): Promise<McpToolAnswer> {
  const outcome = await traceToolCall(tool.name, () => attempt(tool, principal, input));
  if (outcome.status === 'done') {
    await record(audit, principal, tool);
    return outcome.answer;
  }
  const { error } = outcome;
  if (error.code === 'internal') log.error('mcp tool failed', { error, tool: tool.name });
  await record(audit, principal, tool, error);
  throw error;
}

/** Never fails. */
async function attempt(tool: McpTool, principal: Principal, input: unknown): Promise<McpToolOutcome> {
  if (!principal.permissions.has(tool.permission)) {
    const message = `This needs the permission ${tool.permission}. Ask your administrator for it.`;
    return { status: 'refused', error: new AppError('forbidden', message) };
  }
  try {
    const output = await tool.run(principal, inputOf(tool, input));
    return { status: 'done', answer: { structured: output, text: tool.asText(output) } };
  } catch (thrown) {
    return { status: 'failed', error: readable(thrown) };
  }
}

function inputOf(tool: McpTool, input: unknown) {
  const parsed = tool.input.safeParse(input);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'arguments'}: ${message}`);
  throw new AppError('validation_failed', `The arguments are not as they should be. ${issues.join('; ')}`);
}

const readable = (thrown: unknown) =>
  thrown instanceof AppError
    ? thrown
    : new AppError('internal', 'Something went wrong on our side. Try again later.', { cause: thrown });

function record(audit: AuditLog, principal: Principal, { name }: McpTool, error?: AppError): Promise<void> {
  const failure = error?.code === 'forbidden' ? 'denied' : 'failed';
  return audit.record({
    tenantId: principal.tenantId,
    action: 'mcp.tool-called',
    outcome: error ? failure : 'allowed',
    actor: actorOf(principal),
    subject: null,
    details: { tool: name, ...(error && { code: error.code }) },
  });
}
