import type { AuditProblem, AuditReport } from '../contracts/audit.ts';
import { timeOfId } from '../identifiers.ts';
import { type AuditBlock, type AuditBlockHeader, GENESIS_HASH, parseBlock } from './audit-block.ts';
import type { AuditBlocks } from './audit-blocks.ts';
import type { AuditRepository } from './audit-repository.ts';
import { borderAt } from './audit-times.ts';
import { compareItems } from './compare-items.ts';
import { collectAudit } from './read-audit.ts';
import { type AuditedTenant, startOf } from './seal-audit.ts';

const MAX_BLOCKS = 100;
const MAX_PROBLEMS = 200;
const MAX_LIVE_ITEMS_PER_BLOCK = 5_000;
/** Of a gap, only so many missing numbers are named. */
const MAX_NAMED_IN_GAP = 50;
/** Twenty years: longer than any tenant is quiet. */
const MAX_BLOCK_MILLISECONDS = 20 * 366 * 86_400_000;

export interface VerifyAuditOptions {
  readonly repository: AuditRepository;
  readonly blocks: AuditBlocks;
}

export interface VerifiedTenant extends AuditedTenant {
  /** Acts older than this may be gone from the log, though never from a block. */
  readonly retainedSince: Date | null;
}

/** Each month is a read; borders that somebody moved into the far future must not cost thousands. */
function isEndless(after: string, before: string): boolean {
  return timeOfId(before).getTime() - timeOfId(after).getTime() > MAX_BLOCK_MILLISECONDS;
}

/** What a block has to follow; unknown after one that is missing or cannot be read. */
type Predecessor = Pick<AuditBlockHeader, 'hash' | 'lastId'> | null;

/**
 * Checks at most 100 blocks: their numbers, their chain, and each sealed act against the one on record. An act that was
 * recorded into a range after it had been sealed is found as well.
 */
export async function verifyAudit(
  { repository, blocks }: VerifyAuditOptions,
  tenant: VerifiedTenant,
  fromBlock: number,
): Promise<AuditReport> {
  const problems: AuditProblem[] = [];
  const report = { tenantId: tenant.id, blocks: 0, items: 0, problemCount: 0 };
  let head: AuditReport['head'] = null;
  let nextBlock: number | null = null;
  let expected = fromBlock;
  let previous = await predecessorOf(blocks, tenant, fromBlock);

  for await (const sequence of blocks.sequences(tenant.id)) {
    if (sequence < fromBlock) continue;
    if (report.blocks === MAX_BLOCKS) {
      nextBlock = sequence;
      break;
    }
    if (sequence > expected) previous = null;
    const block = parseOrNull(await blocks.read(tenant.id, sequence));
    const found = [
      ...missingBetween(expected, sequence),
      ...(block ? checkChain(block, sequence, tenant, previous) : [unreadable(sequence)]),
      ...(block ? await checkItems(repository, block, sequence, tenant, previous) : []),
    ];
    report.blocks += 1;
    report.items += block?.items.length ?? 0;
    report.problemCount += found.length;
    problems.push(...found.slice(0, MAX_PROBLEMS - problems.length));
    previous = block && { hash: block.header.hash, lastId: block.header.lastId };
    if (previous) head = { sequence, ...previous };
    expected = sequence + 1;
  }
  return { ...report, problems, head, nextBlock };
}

async function predecessorOf(blocks: AuditBlocks, tenant: AuditedTenant, fromBlock: number): Promise<Predecessor> {
  if (fromBlock === 1) return { hash: GENESIS_HASH, lastId: startOf(tenant) };
  return parseOrNull(await blocks.read(tenant.id, fromBlock - 1))?.header ?? null;
}

function parseOrNull(content: string | null): AuditBlock | null {
  return content === null ? null : parseBlock(content);
}

function missingBetween(expected: number, sequence: number): AuditProblem[] {
  const length = Math.min(sequence - expected, MAX_NAMED_IN_GAP);
  return Array.from({ length }, (_, index) => ({ kind: 'missing-block', block: expected + index, itemId: null }));
}

const unreadable = (block: number): AuditProblem => ({ kind: 'unreadable-block', block, itemId: null });

function checkChain(
  { header, actualHash }: AuditBlock,
  sequence: number,
  { id }: AuditedTenant,
  previous: Predecessor,
): AuditProblem[] {
  const problem = (kind: AuditProblem['kind']): AuditProblem => ({ kind, block: sequence, itemId: null });
  return [
    ...(header.sequence !== sequence || header.tenantId !== id ? [problem('misplaced-block')] : []),
    ...(header.hash !== actualHash ? [problem('changed-block')] : []),
    ...(previous && header.previousHash !== previous.hash ? [problem('broken-chain')] : []),
  ];
}

async function checkItems(
  repository: AuditRepository,
  { header, items }: AuditBlock,
  sequence: number,
  { id: tenantId, retainedSince }: VerifiedTenant,
  previous: Predecessor,
): Promise<AuditProblem[]> {
  // The borders themselves are excluded, so they lie just outside of the first and the last id.
  const after = previous?.lastId ?? header.firstId.slice(0, -1);
  const before = `${header.lastId}0`;
  if (after >= before || isEndless(after, before)) return [{ kind: 'misplaced-block', block: sequence, itemId: null }];
  const range = { tenantId, after, before, order: 'oldest-first', limit: MAX_LIVE_ITEMS_PER_BLOCK } as const;
  const live = await collectAudit(repository, range);
  const retained = retainedSince ? borderAt(retainedSince) : '';
  return compareItems(items, live)
    .filter(({ kind, itemId }) => kind !== 'missing-item' || itemId >= retained)
    .map((problem) => ({ ...problem, block: sequence }));
}
