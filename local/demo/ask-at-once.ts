import type { ChatAnswer } from '../../shared/contracts/chat.ts';
import type { ApiResponse, PlatformClient } from '../platform-client.ts';
import type { DemoContext } from './demo-context.ts';
import { createWordWrap } from './word-wrap.ts';

const JSON_ONLY = { accept: 'application/json' };

/** What the demo asks beside the question itself, as the API names it. */
export interface WholeQuestion {
  readonly message: string;
  readonly knowledgeBaseIds?: readonly string[];
  readonly sessionId?: string;
  readonly model?: string;
  readonly tools?: readonly string[];
  readonly useCache?: boolean;
}

/** Asks as somebody, waits for the whole answer and writes it to the screen; throws when there is none. */
export async function askAtOnce(
  context: DemoContext,
  userName: string,
  question: WholeQuestion,
): Promise<ApiResponse<ChatAnswer>> {
  const { screen, signIn } = context;
  screen.line(`\n  ${screen.paint('bold', `${userName}:`)} ${question.message}`);
  return showAnswer(context, await postForAnswer(await signIn(userName), '/api/v1/chat', question));
}

/** Posts what an answer follows to, as one JSON document in place of a stream. */
export async function postForAnswer(client: PlatformClient, path: string, body: unknown) {
  const response = await client.call<ChatAnswer>('POST', path, body, JSON_ONLY);
  if (response.status === 200) return response;
  throw new Error(`POST ${path} was answered with ${response.status}: ${JSON.stringify(response.body)}`);
}

/** Writes an answer to the screen and passes it on. */
export function showAnswer({ screen }: DemoContext, response: ApiResponse<ChatAnswer>): ApiResponse<ChatAnswer> {
  if (response.body.text === '') return response;
  const wrap = createWordWrap(screen.write, { width: screen.width, indent: '  ' });
  wrap.write(response.body.text);
  wrap.end();
  return response;
}
