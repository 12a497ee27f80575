import { StringDecoder } from 'node:string_decoder';
import type { ModelToolCall } from '../../models/chat-model.ts';
import { frameIn } from './frame-scanner.ts';

const MAX_TOOL_CALLS = 128;

interface ToolCallDelta {
  readonly index?: number;
  readonly id?: string;
  readonly function?: { readonly name?: string; readonly arguments?: string };
}

interface Delta {
  readonly content?: string | null;
  readonly refusal?: string | null;
  readonly tool_calls?: readonly ToolCallDelta[] | null;
}

/** Reads what the frames of a stream say, in order. */
export interface ChatFrames {
  /** The texts that end in these bytes. */
  textsIn(chunk: Uint8Array): string[];
  /** The calls of tools, put together of their pieces. */
  toolCalls(): ModelToolCall[];
}

export function createChatFrames(): ChatFrames {
  const decoder = new StringDecoder('utf8');
  const calls: { id: string; name: string; arguments: string }[] = [];
  let rest = '';

  function readLine(line: string): string {
    const delta = frameIn(line)?.choices?.[0]?.delta as Delta | null | undefined;
    for (const piece of delta?.tool_calls ?? []) addPiece(piece);
    return delta?.content || delta?.refusal || '';
  }

  function addPiece({ index = Math.max(0, calls.length - 1), id, function: called }: ToolCallDelta): void {
    if (index >= MAX_TOOL_CALLS) return;
    const call = calls[index] ?? { id: '', name: '', arguments: '' };
    calls[index] = {
      id: call.id || (id ?? ''),
      name: call.name + (called?.name ?? ''),
      arguments: call.arguments + (called?.arguments ?? ''),
    };
  }

  return {
    textsIn(chunk) {
      const lines = (rest + decoder.write(chunk as Buffer)).split('\n');
      rest = lines.pop() ?? '';
      return lines.map(readLine).filter((text) => text !== '');
    },
    toolCalls() {
      if (rest) readLine(rest);
      return calls.filter((call) => call?.name);
    },
  };
}
