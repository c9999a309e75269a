import { DataEngineError } from "../errors.js";

/** Limits attempts by key: some at once, then one each interval. */
export interface AttemptLimit {
  /** Counts an attempt. @throws DataEngineError `too-many-attempts` above the limit */
  take(key: string): void;
  /** Forgets the attempts of a key, after one that succeeded. */
  forget(key: string): void;
}

export interface AttemptLimitOptions {
  /** Attempts at once. */
  readonly burst: number;
  /** Milliseconds until one more attempt is allowed. */
  readonly intervalMs: number;
  readonly now: () => number;
  /** Keys that are remembered; above it those with the oldest attempts are forgotten. */
  readonly maxKeys?: number;
}

/** A token bucket for each key, in the memory of this process. */
export function createAttemptLimit({
  burst,
  intervalMs,
  now,
  maxKeys = 100_000,
}: AttemptLimitOptions): AttemptLimit {
  /** When all attempts of the key are forgotten, in order of the last attempt. */
  const fullAt = new Map<string, number>();

  return {
    take(key) {
      const at = now();
      const before = Math.max(fullAt.get(key) ?? at, at);
      const waitMs = before + intervalMs - (at + burst * intervalMs);
      if (waitMs > 0)
        throw new DataEngineError(
          "too-many-attempts",
          `Too many attempts to sign in; retry in ${Math.ceil(waitMs / 1000)} s.`,
        );
      fullAt.delete(key);
      fullAt.set(key, before + intervalMs);
      if (fullAt.size > maxKeys) fullAt.delete(fullAt.keys().next().value!);
    },
    forget: (key) => void fullAt.delete(key),
  };
}
