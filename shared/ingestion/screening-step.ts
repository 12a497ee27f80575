import { createHash } from 'node:crypto';
import type { AuditLog } from '../audit/audit-log.ts';
import { recordDocumentLife } from '../audit/record-document-life.ts';
import type { Policy } from '../contracts/policy.ts';
import type { DocumentChunkMessage } from '../contracts/queue-messages.ts';
import type { DocumentFindings, FindingKind, FindingSummary, ScreeningFinding } from '../contracts/screening.ts';
import { policyOf, type TenantDirectory } from '../identity/directory.ts';
import type { BlobStore } from '../knowledge/blob-store.ts';
import { changeDocument } from '../knowledge/change-document.ts';
import { describeFindings } from '../knowledge/describe-findings.ts';
import { findingsBlob } from '../knowledge/document-blobs.ts';
import { hold } from '../knowledge/document-lifecycle.ts';
import type { DocumentRepository } from '../knowledge/document-repository.ts';
import { writeExtractedText } from '../knowledge/extracted-text.ts';
import { byGravity, placeFindings, summarise } from '../screening/place-findings.ts';
import { screeningActionOf } from '../screening/screening-policy.ts';
import { metrics } from '../telemetry/metrics.ts';
import { withSpan } from '../telemetry/span.ts';
import { tenantLabel } from '../telemetry/tenant-label.ts';
import type { BatchLimits } from './batch-chunks.ts';
import type { Chunk } from './chunking/chunk.ts';
import type { ExtractedDocument } from './extraction/extracted-document.ts';
import { type FlaggedChunk, flagChunks } from './flag-chunks.ts';

const MAX_KEPT = 500;

export interface ScreeningStepOptions {
  readonly repository: DocumentRepository;
  readonly blobs: BlobStore;
  readonly tenants: TenantDirectory;
  readonly audit: AuditLog;
  readonly now: () => Date;
}

/** A file that was read and cut. */
export interface CutDocument {
  /** What one request of the model that will embed it takes. */
  readonly request: BatchLimits;
  readonly name: string;
  readonly extracted: ExtractedDocument;
  readonly chunks: readonly Chunk[];
}

/** A file that may be indexed, with what is to be said about it. */
export interface Screened extends Omit<CutDocument, 'chunks'> {
  readonly chunks: readonly FlaggedChunk[];
  readonly findings: readonly FindingSummary[];
}

/**
 * Looks through what is to be indexed, before any of it is embedded, and does what the policy of the tenant says.
 * @returns null when the version is held.
 */
export function createScreeningStep(
  options: ScreeningStepOptions,
): (message: DocumentChunkMessage, cut: CutDocument) => Promise<Screened | null> {
  const { repository, blobs, tenants, audit, now } = options;

  async function holdFor(
    message: DocumentChunkMessage,
    cut: CutDocument,
    screened: Screened,
    rules: readonly string[],
  ) {
    const { version, ...key } = message;
    const { extracted, findings } = screened;
    // For whoever decides about it. Before the document says so, so that what can be released can be looked at.
    await writeExtractedText(blobs, key, version, extracted.text);
    const { mediaType, pageCount } = extracted;
    const facts = { mediaType, pageCount, chunkCount: cut.chunks.length, findings, now: now().toISOString() };
    const reason = { hash: hashOf(cut), rules };
    const held = await changeDocument(repository, key, (document) => hold(document, version, { ...facts, reason }));
    if (held) {
      const details = { version, findings: describeFindings(findings) };
      await recordDocumentLife(audit, key, { action: 'document.held', details });
    }
    return held !== null;
  }

  return async (message, cut) => {
    const { version, ...key } = message;
    const policy = await policyOf(tenants, key.tenantId);
    const found = await withSpan('screen', {}, () => findIn(cut, policy));
    if (found.length > 0) await blobs.writeJson('documents', findingsBlob(key, version), report(version, found));
    const screened = { ...cut, chunks: flagChunks(cut.chunks, found), findings: summarise(found) };
    const holding = found.filter((finding) => screeningActionOf(policy, finding) === 'hold');
    const rules = [...new Set(holding.map(({ kind, rule }) => `${kind}/${rule}`))].sort();
    const isHeld = rules.length > 0 && (await holdFor(message, cut, screened, rules));
    const outcome = isHeld ? 'held' : 'flagged';
    for (const kind of kindsOf(isHeld ? holding : found)) {
      metrics.screened.add(1, { kind, outcome, tenant: tenantLabel(key.tenantId) });
    }
    return isHeld ? null : screened;
  };
}

/** What the policy does not simply let through: in the text, in the file's own title, and in its name, which models see. */
async function findIn({ name, extracted, chunks }: CutDocument, policy: Policy): Promise<ScreeningFinding[]> {
  // Loaded by the first document, as its rules are many.
  const { screenText } = await import('../screening/screen-text.ts');
  const found = [
    ...placeFindings('text', await screenText(extracted.text), chunks),
    ...placeFindings('title', await screenText(extracted.title ?? ''), []),
    ...placeFindings('name', await screenText(name), []),
  ];
  return found.filter((finding) => screeningActionOf(policy, finding) !== 'index');
}

function report(version: number, findings: readonly ScreeningFinding[]): DocumentFindings {
  return { version, total: findings.length, findings: findings.toSorted(byGravity).slice(0, MAX_KEPT) };
}

const kindsOf = (findings: readonly ScreeningFinding[]): FindingKind[] => [
  ...new Set(findings.map(({ kind }) => kind)),
];

/** Of everything that was looked through: the same again needs no second decision. */
function hashOf({ name, extracted }: CutDocument): string {
  return createHash('sha256')
    .update(JSON.stringify([name, extracted.title, extracted.text]))
    .digest('base64url');
}
