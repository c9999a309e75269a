/**
 * How long tests wait, milliseconds; nothing else in tests has a limit of its own. Limits only end what
 * hangs: they are far above what the slowest machine needs, and that of an event is below that of a test, so
 * that the wait which failed is named.
 */
export const LIMITS = {
  /** For one event: an element of a page, a download, a process that is to answer. */
  eventMs: 300_000,
  /** For one test or hook. */
  testMs: 900_000,
  /** For one test of `npm run soak`. */
  soakMs: 7_200_000,
  /** For a mutant that may have made a loop endless, beside what its tests took without it. */
  mutantMs: 60_000,
};
