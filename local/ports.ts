import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';

const services = {
  app: { port: 7071, setting: 'LOCAL_APP_PORT', title: 'application' },
  blob: { port: 10000, setting: 'LOCAL_BLOB_PORT', title: 'Azurite blob service' },
  queue: { port: 10001, setting: 'LOCAL_QUEUE_PORT', title: 'Azurite queue service' },
  table: { port: 10002, setting: 'LOCAL_TABLE_PORT', title: 'Azurite table service' },
  cosmos: { port: 8081, setting: 'LOCAL_COSMOS_PORT', title: 'Cosmos DB emulator' },
  qdrant: { port: 6333, setting: 'LOCAL_QDRANT_PORT', title: 'Qdrant server' },
  identity: { port: 8090, setting: 'LOCAL_IDENTITY_PORT', title: 'OpenID provider' },
  models: { port: 8091, setting: 'LOCAL_MODELS_PORT', title: 'model server' },
} as const;

type Service = keyof typeof services;

/** The TCP port of each local service on 127.0.0.1; 0 lets the system pick a free one. */
export type Ports = Readonly<Record<Service, number>>;

/** Ports that collide with nothing, for tests and the demo. */
export const freePorts: Ports = { app: 0, blob: 0, queue: 0, table: 0, cosmos: 0, qdrant: 0, identity: 0, models: 0 };

/** How long a port may still belong to a stack that is just stopping. */
const TAKEN_PORT_WAIT_MS = 2000;
const TAKEN_PORT_RETRY_MS = 100;

const names = Object.keys(services) as Service[];
const Port = z.coerce.number().int().min(1).max(65_535);

/** Reads the ports from the environment, with a default for each; throws one error that names every bad setting. */
export function readPorts(environment: Record<string, string | undefined>): Ports {
  const problems: string[] = [];
  const entries = names.map((name) => {
    const { port, setting } = services[name];
    const parsed = Port.safeParse(environment[setting] || port);
    if (!parsed.success) problems.push(`${setting} must be a port from 1 to 65535, not "${environment[setting]}".`);
    return [name, parsed.data ?? port] as const;
  });
  const ports = Object.fromEntries(entries) as Ports;
  for (const name of names) {
    const twin = names.find((other) => other !== name && ports[other] === ports[name]);
    if (twin && names.indexOf(twin) > names.indexOf(name)) {
      problems.push(`${services[name].setting} and ${services[twin].setting} are both ${ports[name]}.`);
    }
  }
  if (problems.length > 0) throw new Error(problems.join('\n'));
  return ports;
}

/** Throws an error that names each taken port, its service and its setting; waits briefly for a stack that is stopping. */
export async function assertPortsFree(ports: Ports, waitMilliseconds = TAKEN_PORT_WAIT_MS): Promise<void> {
  const deadline = Date.now() + waitMilliseconds;
  for (;;) {
    const free = await Promise.all(names.map((name) => isFree(ports[name])));
    const taken = names.filter((_, index) => !free[index]);
    if (taken.length === 0) return;
    if (Date.now() >= deadline) throw new Error(taken.map((name) => describeTaken(name, ports[name])).join('\n'));
    await delay(TAKEN_PORT_RETRY_MS);
  }
}

function describeTaken(name: Service, port: number): string {
  const { title, setting } = services[name];
  return `Port ${port} (${title}) is taken. Stop what uses it or set ${setting}.`;
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}
