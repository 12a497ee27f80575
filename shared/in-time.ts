/**
 * What work resolves with. @throws DOMException `TimeoutError` when it takes longer than so many milliseconds; the work
 * then ends unheard.
 * @param beside the time begins when this has ended: what somebody waits for anyway
 */
export async function inTime<T>(
  milliseconds: number,
  work: Promise<T>,
  beside: Promise<unknown> = Promise.resolve(),
): Promise<T> {
  const late = Promise.withResolvers<never>();
  const reason = new DOMException(`No answer within ${milliseconds} ms`, 'TimeoutError');
  let timer: NodeJS.Timeout | undefined;
  let isOver = false;
  const begin = () => {
    if (!isOver) timer = setTimeout(() => late.reject(reason), milliseconds);
  };
  beside.then(begin, begin);
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    isOver = true;
    clearTimeout(timer);
    work.catch(() => undefined);
  }
}
