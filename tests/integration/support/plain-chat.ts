import { AbstractChat, type ChatInit, type ChatState, DefaultChatTransport, type UIMessage } from 'ai';
import type { ModelRoute } from '../../../shared/contracts/models.ts';
import type { TestPerson } from './platform.ts';

interface Metadata {
  sessionId: string;
  runId: string;
  model?: string;
  usage?: { inputTokens: number; outputTokens: number };
}
export type ChatMessage = UIMessage<
  Metadata,
  { title: { title: string }; route: ModelRoute; notice: { code: string } }
>;

/** `useChat` without React: its chat, with a state that nobody renders. */
export class PlainChat extends AbstractChat<ChatMessage> {
  readonly titles: string[];

  constructor(appUrl: string, person: TestPerson, id: string, more: Partial<ChatInit<ChatMessage>> = {}) {
    const state: ChatState<ChatMessage> = {
      status: 'ready',
      error: undefined,
      messages: [],
      pushMessage: (message) => void state.messages.push(message),
      popMessage: () => void state.messages.pop(),
      replaceMessage: (index, message) => void state.messages.splice(index, 1, message),
      snapshot: structuredClone,
    };
    const titles: string[] = [];
    const transport = new DefaultChatTransport<ChatMessage>({
      api: `${appUrl}/api/v1/chat/stream`,
      headers: { authorization: `Bearer ${person.token}` },
    });
    super({
      id,
      state,
      transport,
      onData: ({ type, data }) => type === 'data-title' && titles.push(data.title),
      onError: () => undefined,
      ...more,
    });
    this.titles = titles;
  }
}
