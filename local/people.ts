/** The two companies of the local stack, by the ids that Entra ID would give them. */
export const tenants = {
  contoso: { tid: '0c0c0c0c-1111-4111-8111-000000000001', name: 'Contoso', domain: 'contoso.example' },
  fabrikam: { tid: '0f0f0f0f-2222-4222-8222-000000000002', name: 'Fabrikam', domain: 'fabrikam.example' },
} as const;

/** Object ids of the demo people's groups. */
export const groups = {
  contosoEngineering: '6e000000-1111-4111-8111-0000000000e1',
  contosoSales: '6e000000-1111-4111-8111-0000000000e2',
  contosoFinance: '6e000000-1111-4111-8111-0000000000e3',
  fabrikamAll: '6e000000-2222-4222-8222-0000000000e4',
} as const;

/** Someone who can sign in locally without a password. */
export interface Person {
  /** Unique among all demo people; what the shell's one-line token asks for. */
  readonly userName: string;
  readonly name: string;
  readonly oid: string;
  readonly tenant: keyof typeof tenants;
  readonly tid: string;
  /** App roles in the token. */
  readonly roles: readonly string[];
  /** Group object ids in the token. */
  readonly groups: readonly string[];
  readonly description: string;
}

function person(tenant: keyof typeof tenants, number: number, fields: Omit<Person, 'tenant' | 'tid' | 'oid'>): Person {
  const oid = `a0000000-${tenant === 'contoso' ? '1111' : '2222'}-4000-8000-${String(number).padStart(12, '0')}`;
  return { ...fields, tenant, tid: tenants[tenant].tid, oid };
}

export const people: readonly Person[] = [
  person('contoso', 1, {
    userName: 'ada',
    name: 'Ada Admin',
    roles: ['TenantAdmin'],
    groups: [groups.contosoFinance],
    description: 'Administrator of Contoso',
  }),
  person('contoso', 2, {
    userName: 'kim',
    name: 'Kim Keeper',
    roles: ['KnowledgeManager'],
    groups: [],
    description: 'Looks after the knowledge bases of Contoso',
  }),
  person('contoso', 3, {
    userName: 'alice',
    name: 'Alice Engineer',
    roles: ['Member'],
    groups: [groups.contosoEngineering],
    description: 'Works in Engineering at Contoso',
  }),
  person('contoso', 4, {
    userName: 'bob',
    name: 'Bob Seller',
    roles: ['Member'],
    groups: [groups.contosoSales],
    description: 'Works in Sales at Contoso',
  }),
  person('contoso', 5, {
    userName: 'omar',
    name: 'Omar Auditor',
    roles: ['Auditor'],
    groups: [],
    description: 'Reads the audit log of Contoso',
  }),
  person('contoso', 6, {
    userName: 'petra',
    name: 'Petra Platform',
    roles: ['PlatformAdmin'],
    groups: [],
    description: 'Runs the platform for every company',
  }),
  person('fabrikam', 1, {
    userName: 'fay',
    name: 'Fay Admin',
    roles: ['TenantAdmin'],
    groups: [groups.fabrikamAll],
    description: 'Administrator of Fabrikam',
  }),
  person('fabrikam', 2, {
    userName: 'max',
    name: 'Max Member',
    roles: ['Member'],
    groups: [groups.fabrikamAll],
    description: 'Works at Fabrikam',
  }),
];

/** Finds a demo person by user name or object id. */
export function findPerson(userNameOrOid: string): Person | undefined {
  return people.find((one) => one.userName === userNameOrOid || one.oid === userNameOrOid);
}
