import { cancelled } from "./protocol.js";

/** Runs work one after another, in the order of asking. Work whose signal fires while it waits gives up its turn. */
export type Turns = <T>(signal: AbortSignal, work: () => Promise<T>) => Promise<T>;

export function createTurns(): Turns {
  let last: Promise<void> = Promise.resolve();
  return (signal, work) =>
    new Promise((resolve, reject) => {
      const giveUp = () => reject(cancelled(signal));
      signal.addEventListener("abort", giveUp, { once: true });
      last = last.then(async () => {
        if (signal.aborted) return;
        signal.removeEventListener("abort", giveUp);
        await work().then(resolve, reject);
      });
    });
}
