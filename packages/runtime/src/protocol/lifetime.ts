/** Whether the other side of a channel lives, and who hears of its end. */
export interface Lifetime {
  /** How it ended; undefined while it lives. */
  readonly ended: string | undefined;
  /**
   * Hears once how it ended, at once if that is so already; listeners are called in the order in which they
   * came.
   */
  onEnd(listener: (how: string) => void): void;
  /** Only the first end counts. */
  end(how: string): void;
}

export function createLifetime(): Lifetime {
  const listeners: ((how: string) => void)[] = [];
  let ended: string | undefined;
  return {
    get ended() {
      return ended;
    },
    onEnd: (listener) => void (ended === undefined ? listeners.push(listener) : listener(ended)),
    end(how) {
      if (ended !== undefined) return;
      ended = how;
      for (const tell of listeners.splice(0)) tell(how);
    },
  };
}
