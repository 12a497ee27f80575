import type { KnowledgeDocument } from '../../shared/contracts/documents.ts';
import type { KnowledgeBase } from '../../shared/contracts/knowledge-bases.ts';
import type { SearchResult } from '../../shared/contracts/search.ts';
import type { PlatformClient } from '../platform-client.ts';
import { restrictedQuestion, sampleKnowledgeBases } from '../sample-documents/catalogue.ts';
import { documentsOf } from '../seed.ts';
import { askAloud, sayAll } from './ask-questions.ts';
import { checkCitations } from './check-citations.ts';
import type { DemoContext } from './demo-context.ts';

const { question, knowledgeBases, allowed, denied, secretWords, restrictedFile } = restrictedQuestion;
const MAX_RESULTS = 50;
const STRANGER = 'max';

/** Asks for what only some may read, as those and as others, and checks that the others find no trace of it. */
export async function checkRestrictedDocument(context: DemoContext, documents: readonly KnowledgeDocument[]) {
  context.screen.title(`Asking about ${restrictedFile}, which not everybody may read`);
  const restricted = documents.find(({ name }) => name === restrictedFile);
  if (!restricted) throw new Error(`${restrictedFile} is not among the documents.`);
  for (const userName of allowed) await askAsAllowed(context, userName);
  for (const userName of denied) await askAsDenied(context, userName, restricted);
}

async function askAsAllowed(context: DemoContext, userName: string): Promise<void> {
  const { checks } = context;
  const answer = await askAloud(context, userName, question, knowledgeBases);
  const cited = answer.citations.map(({ documentName }) => documentName);
  const wanted = secretWords.map((words) => `"${words}"`).join(' and ');
  checks.expect(`${userName} may know: the answer says ${wanted}`, sayAll(answer.text, secretWords), answer.text);
  checks.expect(
    `the answer cites ${restrictedFile}`,
    cited.includes(restrictedFile),
    cited.join(', ') || 'no citation',
  );
  await checkCitations(context, await context.signIn(userName), answer);
}

async function askAsDenied(context: DemoContext, userName: string, restricted: KnowledgeDocument): Promise<void> {
  const { checks } = context;
  const client = await context.signIn(userName);
  const answer = await askAloud(context, userName, question, knowledgeBases);
  const cited = answer.citations.map(({ documentName }) => documentName);
  checks.expect(`${userName} may not know: the answer does not tell`, !tells(answer.text), answer.text);
  checks.expect(`no citation names ${restrictedFile}`, !cited.includes(restrictedFile), cited.join(', ') || 'none');
  await checkSearch(context, client);
  const names = (await documentsOf(client, restricted.knowledgeBaseId)).map(({ name }) => name);
  const isHidden = names.length > 0 && !names.includes(restrictedFile);
  checks.expect(`the list of documents leaves ${restrictedFile} out`, isHidden, names.join(', '));
  const path = `/api/v1/knowledge-bases/${restricted.knowledgeBaseId}/documents/${restricted.id}`;
  for (const door of ['', '/text', '/source'])
    await expectNotFound(context, client, `${path}${door}`, `document${door}`);
}

const tells = (text: string) => secretWords.some((words) => sayAll(text, [words]));

async function checkSearch({ checks }: DemoContext, client: PlatformClient): Promise<void> {
  const results = await searchAll(client);
  const leaks = results.filter(({ documentName, text }) => documentName === restrictedFile || tells(text));
  const isMet = results.length > 0 && leaks.length === 0;
  checks.expect('searching finds nothing of it', isMet, `${results.length} passages of ${namesIn(results)}`);
}

async function searchAll(client: PlatformClient): Promise<SearchResult[]> {
  const body = { query: question, limit: MAX_RESULTS };
  return (await client.must<{ results: SearchResult[] }>('POST', '/api/v1/query', body)).results;
}

const namesIn = (results: readonly SearchResult[]) =>
  [...new Set(results.map(({ documentName }) => documentName))].join(', ');

async function expectNotFound({ checks }: DemoContext, client: PlatformClient, path: string, name: string) {
  const { status } = await client.call('GET', path);
  checks.expect(`GET of the ${name} is 404`, status === 404, String(status));
}

/** Checks that somebody of another company sees none of Contoso's knowledge bases, not even that they exist. */
export async function checkOtherCompany(context: DemoContext): Promise<void> {
  const { checks, screen, idOf } = context;
  screen.title(`Looking as ${STRANGER}, who works for another company`);
  const client = await context.signIn(STRANGER);
  const { items } = await client.must<{ items: KnowledgeBase[] }>('GET', '/api/v1/knowledge-bases');
  const others = sampleKnowledgeBases.filter(({ tenant }) => tenant === 'contoso');
  const seen = items.filter(({ id }) => others.some(({ key }) => idOf(key) === id));
  const names = items.map(({ name }) => name).join(', ') || 'none';
  checks.expect('the list has Fabrikam’s knowledge bases only', items.length > 0 && seen.length === 0, names);
  for (const { key, name } of others)
    await expectNotFound(context, client, `/api/v1/knowledge-bases/${idOf(key)}`, `knowledge base "${name}"`);
  const results = await searchAll(client);
  const isOwn =
    results.length > 0 && results.every(({ knowledgeBaseId }) => knowledgeBaseId === idOf('fabrikam-notes'));
  checks.expect('searching finds Fabrikam’s documents only', isOwn, namesIn(results));
  const ask = { message: question, knowledgeBaseIds: [idOf('handbook')] };
  const { status, body } = await client.call('POST', '/api/v1/chat', ask);
  const found = `${status}: ${JSON.stringify(body)}`;
  checks.expect('asking one of Contoso’s knowledge bases tells nothing', status === 404 && !tells(found), found);
}
