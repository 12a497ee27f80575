import type { Policy } from '../contracts/policy.ts';
import { AppError } from '../errors.ts';
import { addSummaries, placeFindings, summarise } from '../screening/place-findings.ts';
import { screeningActionOf } from '../screening/screening-policy.ts';
import { describeFindings } from './describe-findings.ts';
import type { StoredDocument } from './document-repository.ts';

type Named = Pick<StoredDocument, 'name'> & { readonly findings?: StoredDocument['findings'] };

/**
 * Looks through a name that a document is to get, as through its first one: models are told it, and citations follow at once.
 * @returns what to note on the document.
 * @throws AppError `unprocessable` for a name that the policy holds. There is nothing to hold: the document stays as it is.
 */
export async function screenName(
  policy: Policy,
  current: Named,
  name: string | undefined,
): Promise<(document: Named) => Pick<StoredDocument, 'findings'> | undefined> {
  if (name === undefined || name === current.name) return () => undefined;
  // Loaded by the first name, as its rules are many.
  const { screenText } = await import('../screening/screen-text.ts');
  const found = placeFindings('name', await screenText(name), []);
  const doing = Map.groupBy(found, (finding) => screeningActionOf(policy, finding));
  const held = summarise(doing.get('hold') ?? []);
  if (held.length > 0) {
    const rules = held.map(({ kind, rule }) => `${kind}/${rule}`).join(', ');
    const message = `A document of that name would be held for ${rules}. Choose another name.`;
    throw new AppError('unprocessable', message, { details: { findings: describeFindings(held) } });
  }
  const flagged = summarise(doing.get('flag') ?? []);
  return ({ findings = [] }) => (flagged.length > 0 ? { findings: addSummaries(findings, flagged) } : undefined);
}
