/**
 * Lets all who ask at about the same time share a flush. Who asks while one runs waits for the next one,
 * which has their writes. After a flush has failed all others fail too: what it should have written may be
 * lost, although later flushes would succeed.
 *
 * @param flush writes to the disk what was handed to the system so far
 */
export function shareFlushes(flush: () => Promise<void>): () => Promise<void> {
  let last: Promise<void> = Promise.resolve();
  let next: Promise<void> | undefined;
  return () => {
    next ??= last.then(() => {
      next = undefined;
      return flush();
    });
    last = next;
    return next;
  };
}
