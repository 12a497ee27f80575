import type { Finding } from './finding.ts';
import { findInjections } from './injection.ts';
import { findPersonalData } from './personal-data.ts';
import { findSecrets } from './secrets.ts';

/** Everything in a text that a person might want to look at before it is indexed. Linear in its length. */
export async function screenText(text: string): Promise<Finding[]> {
  return [...findInjections(text), ...(await findSecrets(text)), ...findPersonalData(text)];
}
