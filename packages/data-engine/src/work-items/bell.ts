/** Wakes the one who waits. */
export interface Bell {
  ring(): void;
  /** Until the bell rings or the time is over. */
  wait(ms?: number): Promise<void>;
}

export function createBell(): Bell {
  let wake: () => void = () => undefined;
  return {
    ring: () => wake(),
    wait: (ms) =>
      new Promise((resolve) => {
        const timer = ms === undefined ? undefined : setTimeout(resolve, ms);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      }),
  };
}
