/**
 * Runs work with a signal that ends it after a time, in milliseconds; leaves nothing behind when it ends earlier, as
 * `AbortSignal.timeout` does: its timer and whatever listens live on until then, too long for a cheap garbage collection.
 */
export async function withDeadline<T>(milliseconds: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const late = () => controller.abort(new DOMException(`No answer within ${milliseconds} ms`, 'TimeoutError'));
  const timer = setTimeout(late, milliseconds);
  try {
    return await work(controller.signal);
  } finally {
    clearTimeout(timer);
  }
}
