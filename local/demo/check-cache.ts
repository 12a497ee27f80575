import type { Access } from '../../shared/contracts/access.ts';
import type { KnowledgeDocument } from '../../shared/contracts/documents.ts';
import { askAtOnce } from './ask-at-once.ts';
import type { DemoContext } from './demo-context.ts';

const QUESTION = 'How many desks does the office in Lisbon have?';
const FILE = 'office-guide.txt';
const EVERYBODY: Access = { visibility: 'tenant', users: [], groups: [], roles: [] };
const ADMINISTRATORS: Access = { visibility: 'restricted', users: [], groups: [], roles: ['TenantAdmin'] };

/** Asks the same again, as somebody else and after the access to its document has changed. */
export async function checkCache(context: DemoContext, documents: readonly KnowledgeDocument[]): Promise<void> {
  const { checks, screen, idOf, signIn } = context;
  screen.title('Asking the same again');
  const question = { message: QUESTION, knowledgeBaseIds: [idOf('handbook')] };
  const first = await askAtOnce(context, 'alice', question);
  const isNew = first.body.cache === 'miss' && first.body.citations.length > 0;
  checks.expect('the first answer comes from a model', isNew, describe(first.body));
  const again = await askAtOnce(context, 'bob', question);
  const isHit = again.headers.get('x-cache') === 'hit' && again.body.usage.costMicroUsd === 0;
  const isSame = again.body.text === first.body.text && again.body.citations.length === first.body.citations.length;
  checks.expect('bob, who may see the same, gets it from the cache', isHit && isSame, describe(again.body));

  const guide = documents.find(({ name }) => name === FILE);
  if (!guide) throw new Error(`${FILE} is not among the documents.`);
  const kim = await signIn('kim');
  const path = `/api/v1/knowledge-bases/${guide.knowledgeBaseId}/documents/${guide.id}`;
  await kim.must('PATCH', path, { access: ADMINISTRATORS });
  screen.line(`\n  ${screen.paint('bold', 'kim')} restricts ${FILE} to administrators.`);
  const denied = await askAtOnce(context, 'bob', question);
  const cited = denied.body.citations.map(({ documentName }) => documentName);
  const isGone = denied.body.cache !== 'hit' && !cited.includes(FILE) && denied.body.text !== first.body.text;
  checks.expect('the answer of before is not given again', isGone, describe(denied.body));
  await kim.must('PATCH', path, { access: EVERYBODY });
}

const describe = ({
  cache,
  citations,
  usage,
}: {
  cache?: string | undefined;
  citations: unknown[];
  usage: { costMicroUsd: number };
}) => `${cache}, ${citations.length} citations, ${usage.costMicroUsd} micro-dollars`;
