import type { AuditItem, AuditProblem } from '../contracts/audit.ts';
import { canonicalJson } from './canonical-json.ts';

type Difference = { readonly kind: AuditProblem['kind']; readonly itemId: string };

/** Says how sealed items and those on record of the same range differ. */
export function compareItems(sealed: readonly AuditItem[], live: readonly AuditItem[]): Difference[] {
  const onRecord = new Map(live.map((item) => [item.id, canonicalJson(item)]));
  const differences: Difference[] = [];
  let highest = '';
  for (const item of sealed) {
    if (item.id <= highest) differences.push({ kind: 'reordered-item', itemId: item.id });
    else highest = item.id;
    const other = onRecord.get(item.id);
    if (other === undefined) differences.push({ kind: 'missing-item', itemId: item.id });
    else if (other !== canonicalJson(item)) differences.push({ kind: 'changed-item', itemId: item.id });
  }
  const known = new Set(sealed.map(({ id }) => id));
  const inserted = live.filter(({ id }) => !known.has(id));
  return [...differences, ...inserted.map(({ id }) => ({ kind: 'inserted-item' as const, itemId: id }))];
}
