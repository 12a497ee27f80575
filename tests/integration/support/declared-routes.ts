import type { DeclaredOperation } from '../../../shared/edge/operation.ts';

/** Every route of the app, read from the very modules that the bundle is made of. */
export async function declaredRoutes(): Promise<readonly DeclaredOperation[]> {
  await import('../../../functions/index.ts');
  const { declaredOperations } = await import('../../../shared/edge/operation.ts');
  return declaredOperations();
}
