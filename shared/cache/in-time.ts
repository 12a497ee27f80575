/** What work resolves with. @throws DOMException `TimeoutError` when it takes longer; the work then ends unheard. */
export async function inTime<T>(milliseconds: number, work: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const reason = new DOMException(`No answer within ${milliseconds} ms`, 'TimeoutError');
  const timer = setTimeout(() => late.reject(reason), milliseconds);
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
    work.catch(() => undefined);
  }
}
