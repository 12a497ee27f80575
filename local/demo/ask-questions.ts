import { type DemoQuestion, demoQuestions, unanswerableQuestion } from '../sample-documents/catalogue.ts';
import { ask, type StreamedAnswer } from './ask.ts';
import { checkCitations } from './check-citations.ts';
import type { DemoContext } from './demo-context.ts';
import { createWordWrap } from './word-wrap.ts';

const SAYS_NOTHING = /documents do not say/i;

/** Asks the demo questions, each as somebody who may, and checks the words and the citations of the answers. */
export async function askQuestions(context: DemoContext): Promise<void> {
  context.screen.title(`Asking ${demoQuestions.length} questions`);
  for (const question of demoQuestions) await askOne(context, question);
}

async function askOne(
  context: DemoContext,
  { question, askedBy, knowledgeBases, mustContain, citedFile }: DemoQuestion,
) {
  const answer = await askAloud(context, askedBy, question, knowledgeBases);
  const wanted = mustContain.map((words) => `"${words}"`).join(' and ');
  const { checks } = context;
  checks.expect(`the answer says ${wanted}`, sayAll(answer.text, mustContain), answer.text);
  checks.expect('the answer comes while it is written', answer.pieces > 1, `${answer.pieces} pieces`);
  const cited = answer.citations.map(({ documentName }) => documentName);
  checks.expect(`the answer cites ${citedFile}`, cited.includes(citedFile), cited.join(', ') || 'no citation');
  await checkCitations(context, await context.signIn(askedBy), answer);
}

/** Asks what no document answers, and checks that the answer says so and cites nothing. */
export async function askTheUnanswerable(context: DemoContext): Promise<void> {
  const { checks, screen } = context;
  const { question, askedBy, knowledgeBases } = unanswerableQuestion;
  screen.title('Asking what no document answers');
  const { text, citations } = await askAloud(context, askedBy, question, knowledgeBases);
  checks.expect('the answer says that the documents do not say', SAYS_NOTHING.test(text), text);
  checks.expect('the answer cites nothing', citations.length === 0, `${citations.length} citations`);
}

/** Asks as somebody and writes the answer to the screen while it comes. */
export async function askAloud(
  context: DemoContext,
  userName: string,
  question: string,
  knowledgeBases: readonly string[],
): Promise<StreamedAnswer> {
  const { screen, answers, idOf } = context;
  screen.line(`\n  ${screen.paint('bold', `${userName}:`)} ${question}`);
  const wrap = createWordWrap(screen.write, { width: screen.width, indent: '  ' });
  const client = await context.signIn(userName);
  const answer = await ask(client, { message: question, knowledgeBaseIds: knowledgeBases.map(idOf) }, wrap.write);
  wrap.end();
  answers.push(answer);
  return answer;
}

/** Whether a text has all the words, whatever their case. */
export function sayAll(text: string, words: readonly string[]): boolean {
  return words.every((word) => text.toLowerCase().includes(word.toLowerCase()));
}
