/** Repeats what failed only for now. */

import { isAbort, StudioError } from "../errors.js";

const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 30_000;

/** Codes of failures that pass by themselves. */
const PASSING: readonly StudioError["code"][] = [
  "server-unreachable",
  "too-many-requests",
  "overloaded",
  "starting",
  "stopping",
  "store-failed",
  "request-timeout",
  "internal",
];

/** Work of one kind, such as sending the changes of an image. */
export interface Repeater {
  /** Has the work done again after a pause, twice as long after each failure. @returns whether it will be */
  failed(error: unknown): boolean;
  succeeded(): void;
  /**
   * Repeats a request until it succeeds, or fails for good.
   *
   * @param onOffline hears whether the server can't be reached
   */
  untilDone<T>(request: () => Promise<T>, onOffline: (isOffline: boolean) => void): Promise<T>;
  close(): void;
}

/** @param again does the work; it is also called when the browser is back on line */
export function createRepeater(again: () => void): Repeater {
  let failures = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isClosed = false;
  let wake: (() => void) | null = null;

  function run(): void {
    clearTimeout(timer);
    timer = undefined;
    if (wake) wake();
    else again();
  }

  const onOnline = () => {
    if (timer !== undefined) run();
  };
  globalThis.addEventListener?.("online", onOnline);

  function failed(error: unknown): boolean {
    if (isClosed || !isPassing(error)) return false;
    const pauseMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** failures++);
    clearTimeout(timer);
    timer = setTimeout(run, Math.max(pauseMs, (error as StudioError).retryAfterMs ?? 0));
    return true;
  }

  function succeeded(): void {
    failures = 0;
    clearTimeout(timer);
    timer = undefined;
  }

  return {
    failed,
    succeeded,
    async untilDone(request, onOffline) {
      for (;;) {
        try {
          const result = await request();
          succeeded();
          onOffline(false);
          return result;
        } catch (error) {
          const woken = new Promise<void>((resolve) => {
            wake = resolve;
          });
          if (!failed(error)) throw error;
          onOffline(true);
          await woken;
          wake = null;
        }
      }
    },
    close() {
      isClosed = true;
      clearTimeout(timer);
      globalThis.removeEventListener?.("online", onOnline);
    },
  };
}

function isPassing(error: unknown): boolean {
  return !isAbort(error) && error instanceof StudioError && PASSING.includes(error.code);
}
