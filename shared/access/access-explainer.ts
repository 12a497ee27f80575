import type { AccessExplanation, ExplainAccessQuery } from '../contracts/access-explanation.ts';
import type { TenantId, UserId } from '../contracts/identifiers.ts';
import { AUTO_MODEL } from '../contracts/models.ts';
import type { User } from '../contracts/users.ts';
import { AppError } from '../errors.ts';
import type { TenantDirectory } from '../identity/directory.ts';
import type { GroupDirectory } from '../identity/group-directory.ts';
import { principalOf, refusalOfTenant, refusalOfUser } from '../identity/person.ts';
import type { Principal } from '../identity/principal.ts';
import { allowsModel } from '../models/allowed-model.ts';
import type { Versioned } from '../versioned.ts';
import { explainPermission } from './explain-permission.ts';
import { type ExplainResource, permissionFor } from './explain-resource.ts';
import type { Finding } from './finding.ts';

export interface AccessExplainer {
  /** Why somebody may do something now, or not. @throws AppError `not_found` for people whom the principal does not administer */
  explain(principal: Principal, query: ExplainAccessQuery): Promise<AccessExplanation>;
}

/** Finds somebody on behalf of an administrator. */
export interface AdministeredUsers {
  get(principal: Principal, key: { tenantId: TenantId; userId: UserId }): Promise<Versioned<User>>;
}

/** Asks the very functions that decide, so that it cannot say anything else than what happens. */
export function createAccessExplainer(options: {
  readonly users: AdministeredUsers;
  readonly tenants: Pick<TenantDirectory, 'byId'>;
  readonly groups: GroupDirectory;
  readonly explainResource: ExplainResource;
  /** The model that answers somebody's chats, which a policy may leave out. */
  readonly chatModelOf: (person: Principal) => string;
}): AccessExplainer {
  const { users, tenants, groups, explainResource, chatModelOf } = options;

  return {
    async explain(administrator, query) {
      const tenantId = query.tenantId ?? administrator.tenantId;
      const { value: user } = await users.get(administrator, { tenantId, userId: query.user });
      const tenant = await tenants.byId(tenantId);
      if (!tenant) throw new AppError('not_found', 'There is no such tenant.');

      const known = query.groups ?? (await groups.groupsOf(user.userId));
      const person = principalOf(tenant, user, known ?? []);
      const findings = [
        ...[refusalOfTenant(tenant), refusalOfUser(user)].filter((refusal) => refusal !== null).map(suspension),
        explainPermission(person, permissionFor(query.action)),
        ...(query.action === 'chat:use' ? [explainModel(person, chatModelOf(person))] : []),
        ...(query.resource ? [await explainResource(person, query.action, query.resource)] : []),
      ];
      const source = query.groups ? 'given' : 'looked-up';
      return {
        allowed: findings.every(({ holds }) => holds),
        because: findings.flatMap(({ because }) => because),
        basedOn: { rolesAsOf: user.lastSeenAt, groups: known ? source : 'unknown' },
      };
    },
  };
}

function explainModel({ tenantChain: [{ policy }] }: Principal, model: string): Finding {
  // `auto` chooses among those that are allowed.
  const holds = model === AUTO_MODEL ? policy.models?.length !== 0 : allowsModel(policy, model);
  if (holds && policy.models === undefined) return { holds, because: [] };
  return {
    holds,
    because: [{ kind: 'policy', detail: `The policy ${holds ? 'allows' : 'leaves out'} the model ${model}` }],
  };
}

function suspension(detail: string): Finding {
  return { holds: false, because: [{ kind: 'status', detail }] };
}
