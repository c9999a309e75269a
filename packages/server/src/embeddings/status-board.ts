import type { EmbeddingStatus } from "../contract/images.js";
import { createPastTimes } from "./past-times.js";

type Entry =
  | { readonly state: "queued" }
  | { readonly state: "encoding"; readonly beganMs: number; readonly expectedMs: number | null }
  | { readonly state: "failed"; readonly message: string };

type Listener = (status: EmbeddingStatus) => void;

/** Status of images that are queued, being encoded, or failed. */
export interface StatusBoard {
  /** Undefined for an unknown image. */
  get(imageId: string): EmbeddingStatus | undefined;
  queue(imageId: string): void;
  begin(imageId: string): void;
  /** Records its time for the expected time of later encodings. */
  succeed(imageId: string): void;
  fail(imageId: string, message: string): void;
  forget(imageId: string): void;
  /** Calls the listener on every change until the returned function is called. */
  watch(imageId: string, listener: Listener): () => void;
}

export function createStatusBoard(): StatusBoard {
  const entries = new Map<string, Entry>();
  const listeners = new Map<string, Set<Listener>>();
  const times = createPastTimes();

  function describe(id: string): EmbeddingStatus | undefined {
    const entry = entries.get(id);
    return entry && toStatus(entry, () => positionOf(id));
  }

  function positionOf(id: string): number {
    const queued = [...entries].filter(([, entry]) => entry.state === "queued").map(([key]) => key);
    return queued.indexOf(id) + 1;
  }

  function tell(id: string, status: EmbeddingStatus): void {
    for (const listener of listeners.get(id) ?? []) listener(status);
  }

  function set(id: string, entry: Entry): void {
    entries.delete(id); // a Map keeps the order of insertion, which is the position in the queue
    entries.set(id, entry);
    tell(id, describe(id)!);
  }

  return {
    get: describe,
    queue: (id) => set(id, { state: "queued" }),
    begin: (id) => set(id, { state: "encoding", beganMs: performance.now(), expectedMs: times.median() }),
    succeed(id) {
      const entry = entries.get(id);
      if (entry?.state === "encoding") times.add(performance.now() - entry.beganMs);
      entries.delete(id);
      tell(id, { state: "ready" });
    },
    fail: (id, message) => set(id, { state: "failed", message }),
    forget: (id) => void entries.delete(id),
    watch(id, listener) {
      const ours = listeners.get(id) ?? new Set();
      listeners.set(id, ours.add(listener));
      return () => {
        ours.delete(listener);
        if (ours.size === 0) listeners.delete(id);
      };
    },
  };
}

function toStatus(entry: Entry, position: () => number): EmbeddingStatus {
  switch (entry.state) {
    case "queued":
      return { state: "queued", position: position() };
    case "encoding": {
      const { beganMs, expectedMs } = entry;
      return { state: "encoding", elapsedMs: performance.now() - beganMs, expectedMs };
    }
    case "failed":
      return entry;
  }
}
