import { cancelled } from "./protocol.js";

/** Runs work one after another, in call order. Work whose signal is aborted while it waits is skipped. */
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
