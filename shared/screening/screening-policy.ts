import type { Policy } from '../contracts/policy.ts';
import type { FindingKind, FindingSeverity, ScreeningAction } from '../contracts/screening.ts';

type Actions = Readonly<Record<FindingSeverity, ScreeningAction>>;

/**
 * What an administrator who says nothing expects: what would act or open doors waits for a person, what may be a false
 * alarm is marked, and a contact address is what it is.
 */
const DEFAULTS: Readonly<Record<FindingKind, Actions>> = {
  'prompt-injection': { low: 'flag', high: 'hold' },
  secret: { low: 'flag', high: 'hold' },
  'personal-data': { low: 'index', high: 'flag' },
};
const FIELDS = { 'prompt-injection': 'promptInjection', secret: 'secrets', 'personal-data': 'personalData' } as const;

/** What the policy of a tenant wants done with a document that has such a finding. */
export function screeningActionOf(
  { screening }: Policy,
  { kind, severity }: { readonly kind: FindingKind; readonly severity: FindingSeverity },
): ScreeningAction {
  return screening?.[FIELDS[kind]]?.[severity] ?? DEFAULTS[kind][severity];
}
