import { createServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { assertPortsFree, freePorts, readPorts } from '../../../local/ports.ts';

const occupied = createServer();

afterEach(() => new Promise<void>((resolve) => occupied.close(() => resolve())));

function occupy(): Promise<number> {
  return new Promise((resolve) => {
    occupied.listen(0, '127.0.0.1', () => resolve((occupied.address() as { port: number }).port));
  });
}

describe('ports', () => {
  it('have defaults that the environment overrides', () => {
    expect(readPorts({ LOCAL_COSMOS_PORT: '9999', LOCAL_APP_PORT: '' })).toMatchObject({
      cosmos: 9999,
      app: 7071,
      blob: 10000,
    });
  });

  it('report every bad setting at once, by name', () => {
    const read = () => readPorts({ LOCAL_BLOB_PORT: 'ten', LOCAL_APP_PORT: '70000', LOCAL_QDRANT_PORT: '8081' });
    expect(read).toThrow(/LOCAL_APP_PORT.*LOCAL_BLOB_PORT.*LOCAL_COSMOS_PORT and LOCAL_QDRANT_PORT are both 8081/s);
  });

  it('are refused when taken, with the port, the service and the setting', async () => {
    const cosmos = await occupy();
    await expect(assertPortsFree({ ...freePorts, cosmos }, 0)).rejects.toThrow(
      `Port ${cosmos} (Cosmos DB emulator) is taken. Stop what uses it or set LOCAL_COSMOS_PORT.`,
    );
  });

  it('are waited for while a stopping stack still holds them', async () => {
    const cosmos = await occupy();
    setImmediate(() => occupied.close());
    await assertPortsFree({ ...freePorts, cosmos });
  });
});
