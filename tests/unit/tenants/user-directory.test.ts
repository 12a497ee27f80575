import { expect, it } from 'vitest';
import type { User } from '../../../shared/contracts/users.ts';
import { createUserDirectory } from '../../../shared/tenants/user-directory.ts';

const person = {
  tenantId: 'ten_01JD3Q5V4M8K2N6P9R1S7T0W3X',
  userId: 'a0000000-1111-4000-8000-000000000001',
  displayName: 'Ada',
  entraRoles: ['Member' as const],
} satisfies Partial<User>;

function directory() {
  let time = 0;
  let status: User['status'] = 'active';
  const recorded: string[] = [];
  const users = createUserDirectory(
    {
      recordSignIn: async (user) => {
        recorded.push(user.lastSeenAt);
        return { ...user, status, assignedRoles: [], legalHold: false };
      },
    },
    () => new Date(time),
  );
  return {
    users,
    recorded,
    pass: (milliseconds: number) => {
      time += milliseconds;
    },
    suspend: () => {
      status = 'suspended';
    },
  };
}

it('knows of a suspension after 30 seconds, and not by asking for every request', async () => {
  const { users, recorded, pass, suspend } = directory();
  await Promise.all([users.seen(person), users.seen(person)]);
  suspend();
  pass(29_999);
  expect((await users.seen(person)).status).toBe('active');
  expect(recorded).toHaveLength(1);
  pass(1);
  expect((await users.seen(person)).status).toBe('suspended');
});

it('records at once that a person has other roles now', async () => {
  const { users, recorded } = directory();
  await users.seen(person);
  const changed = await users.seen({ ...person, entraRoles: ['Auditor'] });

  expect(changed.entraRoles).toEqual(['Auditor']);
  expect(recorded).toHaveLength(2);
});
