import type { Container, PatchOperation } from '@azure/cosmos';
import type { Ceiling, Cell, CounterChange, CounterState, CounterStore } from '../../limits/counter-store.ts';
import type { Cosmos } from './client.ts';
import { isMissingItem, toAppError } from './errors.ts';

/** All numbers of a scope: one item, alone in its partition. */
interface CounterItem extends CounterState {
  readonly id: string;
  readonly scope: string;
}

const ID = 'state';
const CONFLICT = 409;
const PRECONDITION_FAILED = 412;

/**
 * Counters in Cosmos DB. Atomic across instances by conditional patch; needs an account with a single write region, in
 * which alone a condition is judged where it is written.
 */
export function createCounterStore(cosmos: Cosmos): CounterStore {
  async function run<T>(signal: AbortSignal, operate: (container: Container) => Promise<T>): Promise<T> {
    try {
      // The SDK does not end everything with the signal: finding the account's regions goes on.
      return await Promise.race([cosmos.container('counters').then(operate), rejectedBy(signal)]);
    } catch (error) {
      throw toAppError(error);
    }
  }

  return {
    add: (scope, changes, ceilings, signal) =>
      run(signal, async (container) => {
        const patch = { operations: changes.map(increment), ...conditionOf(ceilings) };
        const patching = container.item(ID, scope).patch<CounterItem>(patch, { abortSignal: signal });
        return patching.then(({ resource }) => stateOf(resource), missingOrExceeded);
      }),
    create: (scope, changes, signal) =>
      run(signal, async (container) => {
        const item = { id: ID, scope, ...stateWith(changes) };
        const creating = container.items.create<CounterItem>(item, { abortSignal: signal });
        return creating.then(({ resource }) => stateOf(resource), nullIf(CONFLICT));
      }),
    read: (scope, signal) =>
      run(signal, async (container) => {
        const { resource } = await container.item(ID, scope).read<CounterItem>({ abortSignal: signal });
        return resource ? stateOf(resource) : null;
      }),
    remove: (scope, cells, signal) =>
      run(signal, async (container) => {
        const operations = cells.map((cell): PatchOperation => ({ op: 'remove', path: pathOf(cell) }));
        const condition = `from c where ${cells.map((cell) => `is_defined(${nameOf(cell)})`).join(' and ')}`;
        const patching = container.item(ID, scope).patch({ operations, condition }, { abortSignal: signal });
        await patching.catch(missingOrExceeded);
      }),
  };
}

function rejectedBy(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

function increment({ by, ...cell }: CounterChange): PatchOperation {
  return { op: 'incr', path: pathOf(cell), value: by };
}

/** What is not there counts as 0: nobody has to begin a window. */
function conditionOf(ceilings: readonly Ceiling[]): { condition?: string } {
  if (ceilings.length === 0) return {};
  const sums = ceilings.map(({ cells, adding, limit }) => {
    const amounts = cells.map((cell) => `(${nameOf(cell)} ?? 0)`).join(' + ');
    return `${amounts} + ${adding} <= ${limit}`;
  });
  return { condition: `from c where ${sums.join(' and ')}` };
}

const pathOf = ({ counter, window }: Cell) => `/${counter}/${window}`;
const nameOf = ({ counter, window }: Cell) => `c.${counter}.${window}`;

function stateWith(changes: readonly CounterChange[]): CounterState {
  const amounts = (counter: CounterChange['counter']) =>
    Object.fromEntries(changes.filter((change) => change.counter === counter).map(({ window, by }) => [window, by]));
  return {
    tokens: amounts('tokens'),
    requests: amounts('requests'),
    microUsd: amounts('microUsd'),
    heldTokens: amounts('heldTokens'),
    heldMicroUsd: amounts('heldMicroUsd'),
  };
}

function stateOf(item: CounterItem | undefined): CounterState {
  if (!item) throw new TypeError('Cosmos DB answered a write without its item');
  const { tokens, requests, microUsd, heldTokens, heldMicroUsd } = item;
  return { tokens, requests, microUsd, heldTokens, heldMicroUsd };
}

function missingOrExceeded(error: { readonly code?: unknown }): 'missing' | 'exceeded' {
  if (isMissingItem(error)) return 'missing';
  if (error.code === PRECONDITION_FAILED) return 'exceeded';
  throw error;
}

function nullIf(code: number): (error: { readonly code?: unknown }) => null {
  return (error) => {
    if (error.code === code) return null;
    throw error;
  };
}
