/** More threads gain little on these graphs and take the page's. */
const MAX_THREADS = 4;

/** What the number of threads depends on. */
export interface PageSurroundings {
  /** Whether the page was sent with the headers that let workers share memory. */
  readonly isolated: boolean;
  readonly processors: number;
}

/**
 * The number of threads for a model, and what to tell when it cannot be what it should.
 *
 * @example
 * const { threads } = chooseThreads(undefined, { isolated: crossOriginIsolated, processors: 8 });
 */
export function chooseThreads(
  wanted: number | undefined,
  { isolated, processors }: PageSurroundings,
): { readonly threads: number; readonly note?: string } {
  const threads = Math.max(1, wanted ?? Math.min(processors, MAX_THREADS));
  if (isolated || threads === 1) return { threads };
  return {
    threads: 1,
    note: "This page runs the model on one thread: it was sent without the headers Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp.",
  };
}
