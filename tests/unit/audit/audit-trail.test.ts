import { expect, it, vi } from 'vitest';
import type { AuditDetails } from '../../../shared/audit/audit-details.ts';
import { createAuditTrail } from '../../../shared/audit/audit-trail.ts';
import { newId, timeOfId } from '../../../shared/identifiers.ts';
import { runInvocation } from '../../../shared/telemetry/invocation.ts';
import { memoryAudit, tenant } from './memory-audit.ts';

const actor = { kind: 'user', id: 'somebody', name: 'Some Body' } as const;
const entry = { tenantId: tenant.id, action: 'run.stopped', outcome: 'allowed', actor, subject: 'run_1' } as const;

function trail(failures = 0) {
  const audit = memoryAudit();
  let left = failures;
  const repository = {
    ...audit.repository,
    append: async (item: Parameters<typeof audit.repository.append>[0]) => {
      left -= 1;
      if (left >= 0) throw new Error('the store is down');
      await audit.repository.append(item);
    },
  };
  const { log } = audit.options;
  return { ...audit, ...createAuditTrail({ repository, newId, log, retryPauseMilliseconds: 5 }) };
}

it('records an act with its time, its order and its trace', async () => {
  const { record, live } = trail();
  const traceId = 'a'.repeat(32);
  await runInvocation({ functionName: 'x', invocationId: 'y', traceId }, () => record(entry));
  const [item] = live.values();
  expect(item).toMatchObject({ ...entry, details: {}, traceId });
  expect(item?.at).toBe(timeOfId(item?.id ?? '').toISOString());
});

it('keeps an act while the store is down, says so at once, and records it once', async () => {
  const { record, live, logged } = trail(3);
  await record(entry);
  await vi.waitFor(() => expect(live.size).toBe(1));
  expect(logged).toEqual(['audit delayed']);
});

it.each<[string, AuditDetails]>([
  ['a message', { message: 'hello' }],
  ['a question', { userQuestion: 'x' }],
  ['a sentence', { reason: 'because it was so' }],
  ['a sentence in a list', { changed: ['a b'] }],
  ['something endless', { documentIds: Array.from({ length: 101 }, (_, index) => `doc_${index}`) }],
  [
    'too many facts',
    Object.fromEntries(Array.from({ length: 21 }, (_, index) => [`fact${'abcdefghijklmnopqrstu'[index]}`, index])),
  ],
])('refuses details that hold %s', async (_, details) => {
  const { record, live } = trail();
  await expect(record({ ...entry, details })).rejects.toMatchObject({ code: 'internal' });
  expect(live.size).toBe(0);
});
