import type { WorkEvent } from "./annotation.js";

/** What an annotator did for a mask. */
export interface WorkSpent {
  readonly clicks: number;
  /** Milliseconds, without pauses. */
  readonly activeMs: number;
}

/**
 * Clicks, and the time between the first and the last event. Of a longer pause nothing is counted, nor of a
 * clock that runs backwards.
 *
 * @param idleMs gaps that are longer are pauses
 */
export function workSpent(events: readonly WorkEvent[], idleMs: number): WorkSpent {
  let activeMs = 0;
  events.forEach(({ at }, i) => {
    const gap = i === 0 ? 0 : at - events[i - 1]!.at;
    if (gap > 0 && gap <= idleMs) activeMs += gap;
  });
  return { clicks: events.filter(({ kind }) => kind === "click").length, activeMs };
}
