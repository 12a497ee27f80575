import { Role } from '../shared/contracts/access.ts';
import { Permission } from '../shared/contracts/me.ts';
import type { DeclaredOperation, Requirement } from '../shared/edge/operation.ts';
import { permissionsOfRole } from '../shared/identity/permissions.ts';
import { markdownTable } from './markdown-table.ts';

/** Who may do what: roles by permission, then routes by what they need. */
export function permissionsPage(operations: readonly DeclaredOperation[]): string {
  return `# Permissions

Made by \`npm run docs\` from \`shared/identity/permissions.ts\` and the routes themselves.

Roles are app roles of the Entra application; a person may have several. A permission says what somebody may do at all.
Which knowledge bases and documents they may do it with is decided by the access list of each: what one may not see
answers 404, as if it were not there.

## What a role may do

${roleTable()}

## What a route needs

${routeTable(operations)}
`;
}

function roleTable(): string {
  const rows = Permission.options.map((permission) => [
    `\`${permission}\``,
    ...Role.options.map((role) => (permissionsOfRole[role].includes(permission) ? 'yes' : '')),
  ]);
  return markdownTable(['Permission', ...Role.options], rows);
}

function routeTable(operations: readonly DeclaredOperation[]): string {
  const sorted = operations.toSorted((one, other) => keyOf(one).localeCompare(keyOf(other), 'en'));
  const rows = sorted.map(({ method, route, permission, summary }) => [
    `\`${method} /${route}\``,
    needs(permission),
    summary,
  ]);
  return markdownTable(['Route', 'Needs', 'What it does'], rows);
}

const keyOf = ({ route, method }: DeclaredOperation) => `${route} ${method}`;

function needs(requirement: Requirement): string {
  if (requirement === 'public') return 'no token';
  return requirement === 'signed-in' ? 'a token' : `\`${requirement}\``;
}
