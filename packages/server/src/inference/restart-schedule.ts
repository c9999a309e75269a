const RESTART_MS = 1000;
const LONGEST_RESTART_MS = 60_000;

/** When processes are started again that ended or failed to open the model. */
export interface RestartSchedule {
  /**
   * Schedules a start. The delay doubles after each failure to open the model (exponential back-off).
   *
   * @param failures consecutive failures so far
   * @param isDown whether no process has the model
   * @returns the delay, milliseconds
   */
  plan(failures: number, isDown: boolean, start: () => void): number;
  /** Records that a process has opened the model. */
  succeeded(): void;
  /** Time until the next attempt, while no process can open the model. */
  retryInMs(): number | undefined;
}

export function createRestartSchedule(): RestartSchedule {
  let retryAtMs: number | undefined;
  return {
    plan(failures, isDown, start) {
      const delayMs = Math.min(RESTART_MS * 2 ** Math.max(0, failures - 1), LONGEST_RESTART_MS);
      if (isDown) retryAtMs = performance.now() + delayMs;
      setTimeout(start, delayMs).unref();
      return delayMs;
    },
    succeeded() {
      retryAtMs = undefined;
    },
    retryInMs: () => retryAtMs && retryAtMs - performance.now(),
  };
}
