import { describe, expect, it } from 'vitest';
import { AppError } from '../../shared/errors.ts';
import { whileOvertaken } from '../../shared/while-overtaken.ts';

const limits = { attempts: 4, jitter: 1, message: 'Many at once.' };
const overtaken = () => new AppError('precondition_failed', 'Somebody was faster.');

/** A change whose first writes fail. */
function change(failures: readonly Error[], creates = false) {
  const left = [...failures];
  const reads: number[] = [];
  return {
    reads,
    creates,
    async read() {
      reads.push(reads.length);
      return reads.length;
    },
    async write(state: number) {
      const failure = left.shift();
      if (failure) throw failure;
      return `written from reading ${state}`;
    },
  };
}

describe('a change that others overtake', () => {
  it('is made again of what was read anew', async () => {
    expect(await whileOvertaken(change([overtaken(), overtaken()]), limits)).toBe('written from reading 3');
  });

  it('ends as a conflict when others keep winning', async () => {
    const unlucky = change([overtaken(), overtaken(), overtaken(), overtaken()]);
    await expect(whileOvertaken(unlucky, limits)).rejects.toMatchObject({ code: 'conflict', message: 'Many at once.' });
    expect(unlucky.reads).toHaveLength(4);
  });

  it('takes a conflict for a lost race only where something is created', async () => {
    const taken = new AppError('conflict', 'There is one of that name.');
    expect(await whileOvertaken(change([taken], true), limits)).toBe('written from reading 2');
    await expect(whileOvertaken(change([taken]), limits)).rejects.toBe(taken);
  });

  it('fails at once with any other failure, and with whatever reading refuses', async () => {
    const down = new AppError('dependency_unavailable', 'Down.');
    const failing = change([down]);
    await expect(whileOvertaken(failing, limits)).rejects.toBe(down);
    expect(failing.reads).toHaveLength(1);
    const stale = { ...change([]), read: () => Promise.reject(overtaken()) };
    await expect(whileOvertaken(stale, limits)).rejects.toMatchObject({ code: 'precondition_failed' });
  });
});
