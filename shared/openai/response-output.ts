import type { AnswerEvent } from './answer-event.ts';
import type { UrlCitation } from './url-citation.ts';

type ItemStatus = 'in_progress' | 'completed' | 'incomplete';

interface TextPart {
  readonly type: 'output_text';
  text: string;
  readonly annotations: object[];
  readonly logprobs: readonly never[];
}

interface RefusalPart {
  readonly type: 'refusal';
  refusal: string;
}

interface MessageItem {
  readonly type: 'message';
  readonly id: string;
  readonly role: 'assistant';
  status: ItemStatus;
  readonly content: (TextPart | RefusalPart)[];
}

interface FunctionCallItem {
  readonly type: 'function_call';
  readonly id: string;
  readonly call_id: string;
  readonly name: string;
  arguments: string;
  status: ItemStatus;
}

export type OutputItem = MessageItem | FunctionCallItem;

/** An event of a response without its sequence number. */
export type ResponseEvent = { readonly type: string } & Readonly<Record<string, unknown>>;

/** The output of a response as it grows, with the events that tell of it. One item is open at a time. */
export interface ResponseOutput {
  readonly items: readonly OutputItem[];
  text(type: 'text' | 'refusal', piece: string): ResponseEvent[];
  toolCall(piece: Extract<AnswerEvent, { type: 'tool-call' }>): ResponseEvent[];
  citation(citation: UrlCitation): ResponseEvent[];
  /** Ends what is open. */
  end(status: 'completed' | 'incomplete'): ResponseEvent[];
}

export function createResponseOutput(newId: (prefix: 'msg' | 'fc') => string): ResponseOutput {
  const items: OutputItem[] = [];
  const toolCalls = new Map<number, FunctionCallItem>();
  let open: OutputItem | null = null;

  const at = (item: OutputItem) => ({ item_id: item.id, output_index: items.indexOf(item) });
  const inPart = (item: MessageItem) => ({ ...at(item), content_index: item.content.length - 1 });

  function begin(item: OutputItem): ResponseEvent[] {
    const events = end('completed');
    items.push(item);
    open = item;
    // What is told now must not change with what comes.
    return [
      ...events,
      { type: 'response.output_item.added', output_index: items.length - 1, item: structuredClone(item) },
    ];
  }

  function end(status: 'completed' | 'incomplete'): ResponseEvent[] {
    if (!open) return [];
    const item = open;
    open = null;
    const events = item.type === 'message' ? endPart(item) : [endArguments(item)];
    item.status = status;
    return [...events, { type: 'response.output_item.done', output_index: items.indexOf(item), item }];
  }

  function endPart(item: MessageItem): ResponseEvent[] {
    const part = item.content.at(-1);
    if (!part) return [];
    const done =
      part.type === 'output_text'
        ? { type: 'response.output_text.done', text: part.text, logprobs: [] }
        : { type: 'response.refusal.done', refusal: part.refusal };
    return [
      { ...done, ...inPart(item) },
      { type: 'response.content_part.done', ...inPart(item), part },
    ];
  }

  const endArguments = (item: FunctionCallItem): ResponseEvent => ({
    type: 'response.function_call_arguments.done',
    ...at(item),
    name: item.name,
    arguments: item.arguments,
  });

  function message(): { item: MessageItem; events: ResponseEvent[] } {
    if (open?.type === 'message') return { item: open, events: [] };
    const item: MessageItem = {
      type: 'message',
      id: newId('msg'),
      role: 'assistant',
      status: 'in_progress',
      content: [],
    };
    return { item, events: begin(item) };
  }

  function part(item: MessageItem, type: 'text' | 'refusal'): ResponseEvent[] {
    const last = item.content.at(-1);
    if (last && (last.type === 'refusal') === (type === 'refusal')) return [];
    const ended = endPart(item);
    const added: TextPart | RefusalPart =
      type === 'text' ? { type: 'output_text', text: '', annotations: [], logprobs: [] } : { type, refusal: '' };
    item.content.push(added);
    return [...ended, { type: 'response.content_part.added', ...inPart(item), part: structuredClone(added) }];
  }

  return {
    items,
    end,
    text(type, piece) {
      const { item, events } = message();
      events.push(...part(item, type));
      const last = item.content.at(-1);
      if (last?.type === 'output_text') last.text += piece;
      else if (last) last.refusal += piece;
      const name = type === 'text' ? 'response.output_text.delta' : 'response.refusal.delta';
      return [...events, { type: name, ...inPart(item), delta: piece, ...(type === 'text' && { logprobs: [] }) }];
    },
    toolCall({ index, id, name, arguments: piece }) {
      const known = toolCalls.get(index);
      const item: FunctionCallItem = known ?? {
        type: 'function_call',
        id: newId('fc'),
        call_id: id ?? newId('fc'),
        name: name ?? '',
        arguments: '',
        status: 'in_progress',
      };
      toolCalls.set(index, item);
      const events = known ? [] : begin(item);
      item.arguments += piece;
      if (piece === '') return events;
      return [...events, { type: 'response.function_call_arguments.delta', ...at(item), delta: piece }];
    },
    citation(citation) {
      const last = open?.type === 'message' ? open.content.at(-1) : undefined;
      if (open?.type !== 'message' || last?.type !== 'output_text') return [];
      const annotation = { type: 'url_citation', ...citation };
      const annotation_index = last.annotations.push(annotation) - 1;
      return [{ type: 'response.output_text.annotation.added', ...inPart(open), annotation_index, annotation }];
    },
  };
}
