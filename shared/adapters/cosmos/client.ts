import { Agent } from 'node:https';
import type { Container, CosmosClient, CosmosClientOptions, Database, Plugin, PluginConfig } from '@azure/cosmos';
import { azureCredential } from '../azure-credential.ts';

/** Where the account is and how to sign in to it: with the key, or without one as the managed identity. */
export interface CosmosAccount {
  readonly endpoint: string;
  readonly key: string | undefined;
  readonly database: string;
}

/** The account behind all repositories; opened by the first call that needs it, never at import. */
export interface Cosmos {
  database(): Promise<Database>;
  container(name: string): Promise<Container>;
  /** Ends every timer and socket, for a process that is about to end. */
  close(): void;
}

const REQUEST_TIMEOUT_MILLISECONDS = 10_000;
const THROTTLED_RETRIES = 3;
const THROTTLED_WAIT_SECONDS = 2;
const MAX_SOCKETS = 128;

export function createCosmos(account: CosmosAccount): Cosmos {
  const agent = new Agent({ keepAlive: true, maxSockets: MAX_SOCKETS });
  let opening: Promise<CosmosClient> | undefined;

  function client(): Promise<CosmosClient> {
    opening ??= openClient(account, agent).catch((error: unknown) => {
      opening = undefined;
      throw error;
    });
    return opening;
  }

  async function database(): Promise<Database> {
    return (await client()).database(account.database);
  }

  return {
    database,
    container: async (name) => (await database()).container(name),
    close() {
      opening?.then((opened) => opened.dispose()).catch(() => undefined);
      agent.destroy();
    },
  };
}

/** The SDKs take over 100 ms to load, so they are loaded by the first request that needs them. */
async function openClient({ endpoint, key }: CosmosAccount, agent: Agent): Promise<CosmosClient> {
  const { CosmosClient } = await import('@azure/cosmos');
  const options: CosmosClientOptions & { plugins: PluginConfig[] } = {
    endpoint,
    ...(key ? { key } : { aadCredentials: await azureCredential() }),
    // The SDK allows plain HTTP only with its own agent.
    ...(endpoint.startsWith('https:') ? { agent } : {}),
    connectionPolicy: {
      requestTimeout: REQUEST_TIMEOUT_MILLISECONDS,
      retryOptions: {
        maxRetryAttemptCount: THROTTLED_RETRIES,
        fixedRetryIntervalInMilliseconds: 0,
        maxWaitTimeInSeconds: THROTTLED_WAIT_SECONDS,
      },
      // A key opens one endpoint; regions to fail over to are found with the managed identity.
      enableEndpointDiscovery: key === undefined,
    },
    plugins: [{ on: 'request', plugin: skipQueryPlans }],
  };
  return new CosmosClient(options);
}

/**
 * Keeps query plans off the wire. The SDK asks for one beside every query and reads it only when the query spans
 * partitions, which ours never do.
 */
const skipQueryPlans: Plugin<unknown> = async (context, _diagnostics, next) => {
  if (context.headers?.['x-ms-cosmos-is-query-plan-request'] === undefined) return next(context);
  return { headers: {}, result: {}, code: 200 };
};
