import { people, tenants } from './people.ts';
import type { App, Stack } from './stack.ts';

const QUESTION = 'How many days of paid holiday does a full-time employee receive per calendar year?';

export interface WelcomeFacts {
  readonly app: App;
  readonly stack: Stack;
  readonly handbookId: string;
  /** As `performance.now()` gave it. */
  readonly startedAt: number;
}

/** What a newcomer reads when the platform is up: where it is, who may sign in, and what to paste. */
export function welcome({ app, stack, handbookId, startedAt }: WelcomeFacts): string {
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  const token = `$(curl -s '${stack.urls.identity}/token?user=alice')`;
  const keeperToken = `$(curl -s '${stack.urls.identity}/token?user=kim')`;
  const rows = people.map(
    ({ userName, tenant, roles, description }) =>
      `  ${userName.padEnd(6)} ${tenants[tenant].name.padEnd(9)} ${roles.join(', ').padEnd(17)} ${description}`,
  );
  return [
    '',
    `The platform is up (${seconds} s). Ctrl-C stops it; what it knows stays in .local/.`,
    '',
    `  API documentation   ${app.url}/docs   (to read: ${app.url}/redoc)`,
    `  Health              ${app.url}/health/ready`,
    `  OpenAI clients      ${app.url}/openai/v1   (key: a token)`,
    `  MCP clients         ${app.url}/mcp`,
    `  Sign-in             ${stack.urls.identity}`,
    `  Log of the app      ${app.logFile}`,
    '',
    'Demo people:',
    ...rows,
    '',
    'Ask the documents, as Alice, and watch the answer come:',
    '',
    `curl -sN ${app.url}/api/v1/chat/stream -H "Authorization: Bearer ${token}" -H 'Content-Type: application/json' -d '{"message":"${QUESTION}"}'`,
    '',
    'Upload a document of your own, as Kim (put its path in place of README.md):',
    '',
    `curl -s ${app.url}/api/v1/knowledge-bases/${handbookId}/documents -H "Authorization: Bearer ${keeperToken}" -F file=@README.md`,
    '',
    'Search without a model:',
    '',
    `curl -s ${app.url}/api/v1/query -H "Authorization: Bearer ${token}" -H 'Content-Type: application/json' -d '{"query":"expense report deadline","limit":3}'`,
    '',
    ...modelAdvice(stack),
    '',
  ].join('\n');
}

function modelAdvice({ env, urls }: Stack): string[] {
  if (process.env.MODELS_FILE) return [`Answers come from the models of ${process.env.MODELS_FILE}.`];
  if (env.AZURE_OPENAI_ENDPOINT !== urls.models || env.OPENAI_BASE_URL) {
    return [
      `Answers come from ${env.AZURE_OPENAI_CHAT_DEPLOYMENT} at ${env.AZURE_OPENAI_ENDPOINT ?? env.OPENAI_BASE_URL}.`,
    ];
  }
  return [
    'Answers come from local-extractive, a small model that only quotes the documents. To use a real one, set',
    'AZURE_OPENAI_ENDPOINT, AZURE_OPENAI_API_KEY and AZURE_OPENAI_CHAT_DEPLOYMENT (and …_EMBEDDING_DEPLOYMENT,',
    '…_EMBEDDING_DIMENSIONS), or OPENAI_BASE_URL (such as http://127.0.0.1:11434/v1 for Ollama), and start again.',
  ];
}
