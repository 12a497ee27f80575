import { isFollowUp, standaloneQuestion, titleOf } from './conversation-tasks.ts';
import { extractiveAnswer, NOT_IN_THE_DOCUMENTS } from './extractive-answer.ts';
import { type Passage, passagesOf, withoutPassages } from './passages.ts';
import type { ChatMessage, ChatRequest } from './request-schemas.ts';
import { fittingValue } from './structured-output.ts';
import { type ToolCall, toolCallsFor } from './tool-calls.ts';
import { toolAnswer } from './tool-results.ts';

/** What the model says: text, or calls of tools. */
export interface Reply {
  readonly text: string;
  readonly toolCalls: readonly ToolCall[];
}

const WANTS_A_TITLE = /\b(?:write|give|make|create|suggest)\b.{0,40}\btitle\b/i;
const WANTS_A_STANDALONE_QUESTION = /\brewrite the last question\b/i;
const GREETING = /^\W*(?:hi|hello|hey|good (?:morning|afternoon|evening|day)|thanks|thank you|bye|goodbye)\b.{0,30}$/i;
const WHO = /\b(?:who|what) are you\b|\bwhat can you do\b/i;
const MAX_TOOL_ANSWER_CHARACTERS = 2000;
const INTRODUCTION =
  'I am local-extractive, a small local stand-in for a language model. I can only quote sentences from the passages that I am given; I cannot chat, reason or write. To talk with a real model, configure an Azure OpenAI deployment or any other server with the OpenAI API.';

/** Decides what to say to a request; the same request always gets the same words. */
export function composeReply(request: ChatRequest): Reply {
  const question = lastQuestion(request.messages);
  const toolCalls = toolCallsFor(request, question);
  if (toolCalls.length > 0) return { text: '', toolCalls };
  return { text: formatted(request.response_format, answer(request.messages, question)), toolCalls };
}

function lastQuestion(messages: readonly ChatMessage[]): string {
  const last = messages.findLast(({ role }) => role === 'user')?.content ?? '';
  return withoutPassages(last).replace(/^question\s*:\s*/i, '');
}

function answer(messages: readonly ChatMessage[], question: string): string {
  const instructions = messages
    .filter(({ role }) => role === 'system' || role === 'developer')
    .map(({ content }) => withoutPassages(content))
    .join('\n');
  if (WANTS_A_STANDALONE_QUESTION.test(instructions)) return standaloneQuestion(messages);
  if (WANTS_A_TITLE.test(instructions)) return titleOf(messages.find(({ role }) => role === 'user')?.content ?? '');
  if (GREETING.test(question) || WHO.test(question)) return INTRODUCTION;
  const passages = givenPassages(messages);
  if (passages.length > 0) return extractiveAnswer(question, passages, earlierQuestion(messages, question));
  const last = messages.at(-1);
  if (last?.role === 'tool')
    return toolAnswer(last.content).slice(0, MAX_TOOL_ANSWER_CHARACTERS) || 'The tool answered nothing.';
  return /\bpassages?\b/i.test(instructions) ? NOT_IN_THE_DOCUMENTS : INTRODUCTION;
}

/** Passages of an earlier turn answered an earlier question; those of instructions, of this turn and of its tools count. */
function givenPassages(messages: readonly ChatMessage[]): Passage[] {
  const turn = messages.findLastIndex(({ role }) => role === 'user');
  const current = messages.filter(({ role }, index) => role === 'system' || role === 'developer' || index >= turn);
  const passages = current.filter(({ role }) => role !== 'assistant').flatMap(({ content }) => passagesOf(content));
  return [...new Map(passages.map((passage) => [passage.id, passage])).values()];
}

function earlierQuestion(messages: readonly ChatMessage[], question: string): string {
  if (!isFollowUp(question)) return '';
  const turns = messages.filter(({ role }) => role === 'user');
  return withoutPassages(turns.at(-2)?.content ?? '');
}

function formatted(format: ChatRequest['response_format'], text: string): string {
  if (format?.type === 'json_object') return JSON.stringify({ answer: text });
  return format?.type === 'json_schema' ? JSON.stringify(fittingValue(format.json_schema.schema, text)) : text;
}
