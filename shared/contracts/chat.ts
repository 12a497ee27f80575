import { z } from 'zod';
import { AnswerSupport, CacheStatus, Citation, TokenUsage } from './citations.ts';
import { KnowledgeBaseId, MessageId, RunId, SessionId } from './identifiers.ts';
import { ModelRoute } from './models.ts';
import { ApprovalId, runOfApproval, ToolDecision } from './runs.ts';
import { SearchFilters } from './search-filters.ts';

const MAX_MESSAGE_CHARACTERS = 32_000;
const MAX_KNOWLEDGE_BASES = 10;
const MAX_CLIENT_MESSAGES = 500;
const MAX_CLIENT_PARTS = 200;

const MessageText = z
  .string()
  .trim()
  .min(1, 'must not be empty')
  .max(MAX_MESSAGE_CHARACTERS, `must have at most ${MAX_MESSAGE_CHARACTERS} characters`);

const KnowledgeBaseIds = z.array(KnowledgeBaseId).max(MAX_KNOWLEDGE_BASES);

const MAX_TOOLS = 50;

/** What both shapes of a request may choose besides. */
const choices = {
  model: z.string().min(1).max(100).optional().meta({
    description: 'A model of /api/v1/models, or `auto`. Left out: the default of your tenant',
  }),
  tools: z.array(z.string().max(100)).max(MAX_TOOLS).optional().meta({
    description: 'Which of the tools that you may use the model may call. Left out: all. Empty: none',
  }),
  filters: SearchFilters.optional().meta({ description: 'Narrows what is searched for this turn' }),
  useCache: z.boolean().optional().meta({ description: 'false: a cached answer will not do' }),
};

/** A turn as our own clients ask for it. */
const PlainChatRequest = z.strictObject({
  message: MessageText,
  sessionId: SessionId.optional().meta({ description: 'Continues that session; left out, a new one starts' }),
  knowledgeBaseIds: KnowledgeBaseIds.optional().meta({
    description:
      'What to search. Left out: what the session uses, or for a new session all that you may see. Empty: nothing',
  }),
  ...choices,
});

const UiPart = z.object({
  type: z.string(),
  text: z.string().optional(),
  state: z.string().optional(),
  approval: z
    .object({ id: ApprovalId, approved: z.boolean(), reason: ToolDecision.shape.reason })
    .optional()
    // Of what is not answered, or not ours, nothing counts.
    .catch(undefined),
});

/**
 * What the AI SDK's `useChat` posts: the server owns the history, so only the last message counts, which is the user's
 * or an answer whose tool calls were decided on.
 */
const UiChatRequest = z.object({
  id: z.string().min(1).max(200).meta({ description: "The client's chat id; the same id continues the same session" }),
  messages: z
    .array(
      z.object({
        role: z.enum(['system', 'user', 'assistant']),
        parts: z.array(UiPart).max(MAX_CLIENT_PARTS),
      }),
    )
    .min(1)
    .max(MAX_CLIENT_MESSAGES),
  trigger: z.literal('submit-message').optional(),
  messageId: z.string().max(200).optional(),
  knowledgeBaseIds: KnowledgeBaseIds.optional(),
  ...choices,
});

/** One turn, whichever of the two shapes it came in. */
export interface ChatTurn {
  message: string;
  sessionId?: SessionId | undefined;
  /** A chat id that the client made up; it maps to one session of that user. */
  clientChatId?: string | undefined;
  knowledgeBaseIds?: KnowledgeBaseId[] | undefined;
  model?: string | undefined;
  tools?: string[] | undefined;
  filters?: SearchFilters | undefined;
  useCache?: boolean | undefined;
}

/** What somebody decided on the calls of a run that waits. */
export interface RunDecision {
  runId: RunId;
  decisions: ToolDecision[];
}

/** The decisions in the last step of the last answer; null when a question is the last. */
function lastDecisions(messages: z.infer<typeof UiChatRequest>['messages']): RunDecision | null {
  const last = messages.at(-1);
  if (last?.role !== 'assistant') return null;
  const lastStep = last.parts.slice(last.parts.findLastIndex(({ type }) => type === 'step-start') + 1);
  const decisions = lastStep.flatMap(({ state, approval }) => {
    if (state !== 'approval-responded' || !approval) return [];
    const { id: approvalId, approved, reason } = approval;
    return [{ approvalId, approved, ...(reason !== undefined && { reason }) }];
  });
  return decisions[0] ? { runId: runOfApproval(decisions[0].approvalId), decisions } : null;
}

function lastUserText(messages: z.infer<typeof UiChatRequest>['messages']): string {
  const last = messages.findLast((message) => message.role === 'user');
  return (last?.parts ?? []).map((part) => (part.type === 'text' ? (part.text ?? '') : '')).join('');
}

export const ChatRequest = z
  .union([
    PlainChatRequest,
    UiChatRequest.transform(
      ({ id, messages, trigger: _, messageId: __, ...chosen }, context): ChatTurn | RunDecision => {
        const decided = lastDecisions(messages);
        if (decided) return decided;
        const message = MessageText.safeParse(lastUserText(messages));
        if (message.success) return { message: message.data, clientChatId: id, ...chosen };
        context.addIssue({ code: 'custom', path: ['messages'], message: 'the last user message must have text' });
        return z.NEVER;
      },
    ),
  ])
  .meta({ id: 'ChatRequest', example: { message: 'How many days of holiday do I have?' } });

export const ChatAnswer = z
  .object({
    sessionId: SessionId,
    runId: RunId,
    messageId: MessageId,
    text: z.string(),
    citations: z.array(Citation),
    model: z.string(),
    finishReason: z.enum(['stop', 'length', 'content-filter', 'awaiting-approval', 'stopped', 'error']).meta({
      description: '`awaiting-approval`: a tool waits for you to approve or deny it',
    }),
    usage: TokenUsage,
    route: ModelRoute.nullable().optional().meta({ description: 'Why which model answered; null: none was asked' }),
    cache: CacheStatus.optional(),
    support: AnswerSupport.nullable().optional().meta({ description: 'null: nothing was searched' }),
    promptVersion: z.string().optional(),
    searchedFor: z.string().optional().meta({
      description: 'What was searched for, where the question could not be understood without the conversation',
    }),
  })
  .meta({ id: 'ChatAnswer' });
export type ChatAnswer = z.infer<typeof ChatAnswer>;
