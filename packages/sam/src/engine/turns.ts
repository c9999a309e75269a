import { cancelled } from "./protocol.js";

/** Runs work one after another, in call order. Work whose signal is aborted while it waits is skipped. */
export interface Turns {
  /** Runs short work, also in the pauses of long work. */
  short<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T>;
  /**
   * Runs long work.
   *
   * @param work calls `pause` between its steps; short work that waits is then done first
   */
  long<T>(signal: AbortSignal, work: (pause: () => Promise<void>) => Promise<T>): Promise<T>;
}

interface Waiting {
  readonly isShort: boolean;
  /** Never rejects. */
  readonly run: () => Promise<void>;
}

/** @param settle runs after short work in a pause: what that made is to leave before the long work goes on */
export function createTurns(settle: () => Promise<void> = async () => undefined): Turns {
  const waiting: Waiting[] = [];
  let isRunning = false;

  async function runAll(): Promise<void> {
    if (isRunning) return;
    isRunning = true;
    for (let next = waiting.shift(); next; next = waiting.shift()) await next.run();
    isRunning = false;
  }

  async function pause(): Promise<void> {
    for (;;) {
      const index = waiting.findIndex(({ isShort }) => isShort);
      if (index < 0) return;
      const [next] = waiting.splice(index, 1);
      await next!.run();
      await settle();
    }
  }

  function add<T>(isShort: boolean, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const entry: Waiting = {
        isShort,
        run() {
          signal.removeEventListener("abort", giveUp);
          return work().then(resolve, reject);
        },
      };
      const giveUp = () => {
        waiting.splice(waiting.indexOf(entry), 1);
        reject(cancelled(signal));
      };
      signal.addEventListener("abort", giveUp, { once: true });
      waiting.push(entry);
      void runAll();
    });
  }

  return {
    short: (signal, work) => add(true, signal, work),
    long: (signal, work) => add(false, signal, () => work(pause)),
  };
}
