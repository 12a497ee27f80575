import type { AuditLog } from '../audit/audit-log.ts';
import { actorOf } from '../audit/sign-ins.ts';
import { AppError } from '../errors.ts';
import type { Principal } from '../identity/principal.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { McpTool } from './mcp-tool.ts';

export interface McpToolAnswer {
  readonly structured: Readonly<Record<string, unknown>>;
  readonly text: string;
}

export interface CallOptions {
  readonly audit: AuditLog;
  readonly log: Pick<Logger, 'error'>;
}

/** Runs a tool for whom it is for, and puts the call on record. @throws AppError whose message the client may read. */
export async function callMcpTool(
  options: CallOptions,
  tool: McpTool,
  principal: Principal,
  input: unknown,
): Promise<McpToolAnswer> {
  try {
    if (!principal.permissions.has(tool.permission)) {
      throw new AppError('forbidden', `This needs the permission ${tool.permission}. Ask your administrator for it.`);
    }
    const output = await tool.run(principal, inputOf(tool, input));
    await record(options.audit, principal, tool);
    return { structured: output, text: tool.asText(output) };
  } catch (thrown) {
    const error = readable(thrown);
    if (error.code === 'internal') options.log.error('mcp tool failed', { error, tool: tool.name });
    await record(options.audit, principal, tool, error);
    throw error;
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
