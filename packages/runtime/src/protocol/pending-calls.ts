/** A call that somebody waits for. */
export interface PendingCall {
  readonly resolve: (reply: unknown) => void;
  readonly reject: (error: unknown) => void;
  readonly onProgress: ((progress: never) => void) | undefined;
  /** Ends the watch on its signal. */
  readonly unwatch: () => void;
}

/**
 * The calls that the other side has under way: those that somebody waits for, and those that were abandoned.
 */
export interface PendingCalls {
  /** @returns the call's number */
  add(make: (id: number) => PendingCall): number;
  get(id: number): PendingCall | undefined;
  /** Takes a call off the list that the other side is done with. @returns it, if somebody still waits */
  take(id: number): PendingCall | undefined;
  /** Fails a call that the other side may still have under way. */
  abandon(id: number, error: unknown): void;
  /** Takes all off the list. @returns those that somebody waits for */
  takeAll(): PendingCall[];
  /** Whether nobody waits for what is under way. */
  areAbandoned(): boolean;
  /** Resolves when nothing is under way. */
  whenIdle(): Promise<void>;
}

/** @param onBusy told when the first call comes that somebody waits for, and when the last one is settled */
export function createPendingCalls(onBusy: (busy: boolean) => void): PendingCalls {
  const waiting = new Map<number, PendingCall>();
  const abandoned = new Set<number>();
  const idleListeners: (() => void)[] = [];
  let serial = 0;

  function remove(id: number): PendingCall | undefined {
    const call = waiting.get(id);
    call?.unwatch();
    if (waiting.delete(id) && waiting.size === 0) onBusy(false);
    return call;
  }

  function tellIfIdle(): void {
    if (waiting.size === 0 && abandoned.size === 0) for (const tell of idleListeners.splice(0)) tell();
  }

  return {
    add(make) {
      const id = serial++;
      if (waiting.size === 0) onBusy(true);
      waiting.set(id, make(id));
      return id;
    },
    get: (id) => waiting.get(id),
    take(id) {
      abandoned.delete(id);
      const call = remove(id);
      tellIfIdle();
      return call;
    },
    abandon(id, error) {
      const call = remove(id);
      if (!call) return;
      abandoned.add(id);
      call.reject(error);
    },
    takeAll() {
      abandoned.clear();
      const calls = [...waiting.keys()].map((id) => remove(id)!);
      tellIfIdle();
      return calls;
    },
    areAbandoned: () => waiting.size === 0 && abandoned.size > 0,
    whenIdle: () =>
      new Promise((resolve) => {
        idleListeners.push(resolve);
        tellIfIdle();
      }),
  };
}
