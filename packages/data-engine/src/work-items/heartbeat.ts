import { DataEngineError } from "../errors.js";
import type { HeldWork } from "./work-item.js";
import type { WorkQueue } from "./work-queue.js";

/** Heartbeats in one lease, at least: one that is late or fails costs nothing. */
const BEATS_PER_LEASE = 3;

export interface HeartbeatLoop {
  /** Stored with the next beat. */
  progress(value: unknown): void;
  end(): void;
}

/** Renews a lease until it ends. Aborts when the lease was lost or the work is to be cancelled. */
export function startHeartbeat(
  queue: WorkQueue,
  held: HeldWork,
  { leaseMs, heartbeatMs }: { readonly leaseMs: number; readonly heartbeatMs: number },
  abort: AbortController,
): HeartbeatLoop {
  let latest: unknown;
  let isEnded = false;
  let timer: NodeJS.Timeout | undefined;
  const next = () => {
    timer = setTimeout(beat, Math.min(leaseMs / BEATS_PER_LEASE, heartbeatMs));
  };
  const beat = async () => {
    const progress = latest;
    latest = undefined;
    try {
      const { cancelRequested } = await queue.heartbeat(held, { leaseMs, progress });
      if (cancelRequested && !isEnded) abort.abort(new Error("The work was cancelled."));
    } catch (error) {
      latest ??= progress;
      // Any other error is of the database: the next beat may pass, and the fence holds in any case.
      if (error instanceof DataEngineError && error.code === "lease-lost" && !isEnded) abort.abort(error);
    }
    if (!isEnded && !abort.signal.aborted) next();
  };
  next();
  return {
    progress: (value) => {
      latest = value;
    },
    end() {
      isEnded = true;
      clearTimeout(timer);
    },
  };
}
