/** Who may read a knowledge base or a document; people and groups are the keys of `local/people.ts`. */
export type SampleAccess = {
  visibility: 'tenant' | 'restricted';
  users: string[];
  groups: string[];
  roles: string[];
};

/** A knowledge base to seed. */
export type SampleKnowledgeBase = {
  key: string;
  tenant: 'contoso' | 'fabrikam';
  name: string;
  description: string;
  access: SampleAccess;
};

/** A file of this folder, where it goes and by which door; without `access` the knowledge base decides who reads it. */
export type SampleDocument = {
  file: string;
  knowledgeBase: string;
  door: 'upload' | 'drop';
  access?: SampleAccess;
};

/** A question whose answer must contain every one of `mustContain` and cite `citedFile`. */
export type DemoQuestion = {
  question: string;
  askedBy: string;
  knowledgeBases: string[];
  mustContain: string[];
  citedFile: string;
};

const everyoneInTheTenant: SampleAccess = { visibility: 'tenant', users: [], groups: [], roles: [] };

const financeOnly: SampleAccess = {
  visibility: 'restricted',
  users: [],
  groups: ['contosoFinance'],
  roles: ['TenantAdmin'],
};

const boardOnly: SampleAccess = { visibility: 'restricted', users: ['kim'], groups: [], roles: ['TenantAdmin'] };

export const sampleKnowledgeBases: SampleKnowledgeBase[] = [
  {
    key: 'handbook',
    tenant: 'contoso',
    name: 'Company handbook',
    description: 'How we work at Contoso: holidays, travel, security, benefits, offices and suppliers.',
    access: everyoneInTheTenant,
  },
  {
    key: 'support',
    tenant: 'contoso',
    name: 'Product support',
    description: 'Manuals of the Aurora products and the runbook of the service behind them.',
    access: everyoneInTheTenant,
  },
  {
    key: 'finance',
    tenant: 'contoso',
    name: 'Finance',
    description: 'Planning documents of the Finance group.',
    access: financeOnly,
  },
  {
    key: 'fabrikam-notes',
    tenant: 'fabrikam',
    name: 'Fabrikam notes',
    description: 'A few notes of another company on the same platform.',
    access: everyoneInTheTenant,
  },
];

/** Every format goes through both doors; only an upload can carry an access of its own. */
export const sampleDocuments: SampleDocument[] = [
  { file: 'employee-handbook.pdf', knowledgeBase: 'handbook', door: 'upload' },
  { file: 'travel-and-expenses.docx', knowledgeBase: 'handbook', door: 'upload' },
  { file: 'supplier-terms.txt', knowledgeBase: 'handbook', door: 'upload' },
  { file: 'board-minutes-q3.docx', knowledgeBase: 'handbook', door: 'upload', access: boardOnly },
  { file: 'security-policy.pdf', knowledgeBase: 'handbook', door: 'drop' },
  { file: 'benefits-overview.docx', knowledgeBase: 'handbook', door: 'drop' },
  { file: 'office-guide.txt', knowledgeBase: 'handbook', door: 'drop' },
  { file: 'product-manual-aurora-thermostat.md', knowledgeBase: 'support', door: 'upload' },
  { file: 'incident-runbook.md', knowledgeBase: 'support', door: 'drop' },
  { file: 'salary-bands.pdf', knowledgeBase: 'finance', door: 'upload', access: financeOnly },
  { file: 'fabrikam-notes.md', knowledgeBase: 'fabrikam-notes', door: 'upload' },
];

export const demoQuestions: DemoQuestion[] = [
  {
    question: 'How many days of paid holiday does a full-time employee receive per calendar year?',
    askedBy: 'alice',
    knowledgeBases: ['handbook'],
    mustContain: ['28 days'],
    citedFile: 'employee-handbook.pdf',
  },
  {
    question: 'Within how many days must an expense report be submitted after a trip?',
    askedBy: 'bob',
    knowledgeBases: ['handbook'],
    mustContain: ['within 30 days'],
    citedFile: 'travel-and-expenses.docx',
  },
  {
    question: 'What does error code E47 mean on the Aurora thermostat?',
    askedBy: 'alice',
    knowledgeBases: ['support'],
    mustContain: ['boiler relay'],
    citedFile: 'product-manual-aurora-thermostat.md',
  },
  {
    question: 'What is the first-aid room of the Munich office called, and where is it?',
    askedBy: 'alice',
    knowledgeBases: ['handbook'],
    mustContain: ['Glühwürmchen', 'second floor'],
    citedFile: 'office-guide.txt',
  },
  {
    question: 'To which address must paper invoices be sent?',
    askedBy: 'kim',
    knowledgeBases: ['handbook', 'support'],
    mustContain: ['Königstraße 12'],
    citedFile: 'supplier-terms.txt',
  },
];

/** No document says anything about it: the answer must say so and cite nothing. */
export const unanswerableQuestion = {
  question: 'What is the recipe for a sourdough bread?',
  askedBy: 'alice',
  knowledgeBases: ['handbook', 'support'],
};

/** The same question for everybody: `allowed` get the words and the citation, `denied` neither. */
export const restrictedQuestion = {
  question: 'What purchase price did the board approve for Project Heron?',
  knowledgeBases: ['handbook'],
  allowed: ['ada', 'kim'],
  denied: ['alice', 'bob'],
  secretWords: ['41.5 million'],
  restrictedFile: 'board-minutes-q3.docx',
};
