/**
 * Azure Storage on one machine: Azurite, in a process of its own because it would compete with the other emulators for
 * theirs.
 *
 * It saves its metadata a few times a second, less often when there is much of it, and when it is stopped or loses its
 * parent; only a `kill -9` of this very process can lose the last quarter of a second, or up to five with thousands of
 * blobs. It does not imitate Event Grid, immutability policies, lifecycle rules or the hierarchical namespace.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startLocalProcess } from '../child-process.ts';

export interface AzuriteOptions {
  /** TCP ports on 127.0.0.1; 0 picks a free one. */
  readonly blobPort: number;
  readonly queuePort: number;
  readonly tablePort: number;
  readonly stateDirectory: string;
}

export interface Azurite {
  /** Base URLs with the account's name, without a trailing slash. */
  readonly blobUrl: string;
  readonly queueUrl: string;
  readonly connectionString: string;
  readonly pid: number;
  /** Resolves with its last words when the process has ended. */
  readonly exited: Promise<string>;
  stop(): Promise<void>;
}

const ACCOUNT = 'devstoreaccount1';
/** The key that every Azurite is documented to have; it opens nothing else. */
const ACCOUNT_KEY = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';

/** Starts Azurite and waits until it answers. */
export async function startAzurite(options: AzuriteOptions): Promise<Azurite> {
  mkdirSync(options.stateDirectory, { recursive: true });
  const child = await startLocalProcess({
    name: 'storage emulator',
    entry: fileURLToPath(new URL('azurite-process.ts', import.meta.url)),
    arguments: [
      `--blob-port=${options.blobPort}`,
      `--queue-port=${options.queuePort}`,
      `--table-port=${options.tablePort}`,
      `--state-directory=${options.stateDirectory}`,
    ],
    logFile: join(options.stateDirectory, 'azurite.log'),
  });
  const { url, queueUrl, tableUrl } = child.ready;
  const endpoints = `BlobEndpoint=${url}/${ACCOUNT};QueueEndpoint=${queueUrl}/${ACCOUNT};TableEndpoint=${tableUrl}/${ACCOUNT}`;
  return {
    blobUrl: `${url}/${ACCOUNT}`,
    queueUrl: `${queueUrl}/${ACCOUNT}`,
    connectionString: `DefaultEndpointsProtocol=http;AccountName=${ACCOUNT};AccountKey=${ACCOUNT_KEY};${endpoints};`,
    pid: child.pid,
    exited: child.exited,
    stop: child.stop,
  };
}
