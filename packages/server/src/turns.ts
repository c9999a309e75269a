/** Runs work with the same key one after the other, and work with different keys concurrently. */
export type Turns = <T>(key: string, work: () => Promise<T>) => Promise<T>;

export function createTurns(): Turns {
  const last = new Map<string, Promise<unknown>>();
  return (key, work) => {
    const turn = (last.get(key) ?? Promise.resolve()).then(work, work);
    last.set(key, turn);
    const forget = () => {
      if (last.get(key) === turn) last.delete(key);
    };
    turn.then(forget, forget);
    return turn;
  };
}

/** Turns within this process first, and then those of an `outer` one, so that few wait there. */
export function nestTurns(outer: Turns): Turns {
  const inner = createTurns();
  return (key, work) => inner(key, () => outer(key, work));
}
