/** The locks that a person holds on images of a job: taken, kept by heartbeats, given back. */

import type { EngineClient, EngineLock } from "../api/engine.js";
import { StudioError } from "../errors.js";

/** A lock is kept by a heartbeat at this share of its time. */
const HEARTBEATS_PER_LOCK = 3;

export interface ImageLocksParts {
  readonly engine: Pick<EngineClient, "takeLock" | "keepLock" | "releaseLock">;
  readonly job: string;
  /** Time that a lock lasts without a heartbeat, milliseconds. */
  readonly lockMs: number;
  /** Sends what is left of an image; false if the server does not have all of it. */
  readonly send: (imageId: string) => Promise<boolean>;
  /** Another has the image now. */
  readonly onLost: (imageId: string, message: string) => void;
}

export interface ImageLocks {
  get(imageId: string): EngineLock | undefined;
  /** A lock that came with the image. */
  add(lock: EngineLock): void;
  /** Rejects with `lock-lost` if another has the image. */
  take(imageId: string): Promise<void>;
  /** A lock that ended. */
  drop(imageId: string): void;
  /** Gives images back once their changes are sent: all but one, or all. */
  release(except?: string): Promise<void>;
  close(): void;
}

export function createImageLocks({ engine, job, lockMs, send, onLost }: ImageLocksParts): ImageLocks {
  const locks = new Map<string, EngineLock>();
  const keep = async (lock: EngineLock): Promise<void> => {
    try {
      await engine.keepLock({ params: lock, body: { number: lock.number } });
    } catch (error) {
      // Whatever else fails is tried again with the next beat.
      if (error instanceof StudioError && error.code === "lock-lost") onLost(lock.image, error.message);
    }
  };
  const heartbeat = setInterval(() => {
    for (const lock of locks.values()) void keep(lock);
  }, lockMs / HEARTBEATS_PER_LOCK);
  return {
    get: (imageId) => locks.get(imageId),
    add: (lock) => void locks.set(lock.image, lock),
    async take(imageId) {
      locks.set(imageId, await engine.takeLock({ params: { job, image: imageId } }));
    },
    drop: (imageId) => void locks.delete(imageId),
    async release(except) {
      for (const lock of [...locks.values()]) {
        if (lock.image === except || !(await send(lock.image))) continue;
        locks.delete(lock.image);
        await engine.releaseLock({ params: lock, query: { number: lock.number } }).catch(() => undefined);
      }
    },
    close: () => clearInterval(heartbeat),
  };
}
