let named: ReadonlySet<string> = new Set();

/** Says which tenants are told apart in metrics; all others are counted together. */
export function nameTenants(tenantIds: readonly string[]): void {
  named = new Set(tenantIds);
}

/** A tenant as a label: as many values as are configured, and `other`. */
export const tenantLabel = (tenantId: string): string => (named.has(tenantId) ? tenantId : 'other');
