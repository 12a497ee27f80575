import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';

// The compile cache lies beside the bundle and must be on before the bundle is read.
enableCompileCache({ directory: fileURLToPath(new URL('./compile-cache', import.meta.url)), portable: true });
await import('./index.ts');
