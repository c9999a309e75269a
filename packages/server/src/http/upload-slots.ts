import type { FastifyRequest } from "fastify";
import { ServerError } from "../errors.js";
import type { Limits } from "../options.js";
import type { BodyWatch } from "./body-watch.js";
import { createClientQuota } from "./client-quota.js";

/** Time without data after which an upload makes room for a waiting one. */
const STALLED_MS = 2000;

/** Slots for concurrent uploads. */
export interface UploadSlots {
  /**
   * Takes a slot. If none is free, the upload that has stalled longest is ended.
   *
   * @returns a function that releases the slot
   * @throws ServerError `too-many-requests`, `overloaded`
   */
  take(request: FastifyRequest): () => void;
}

/** Creates the slots. @param bodies reports stalled uploads; without it no upload has to make room */
export function createUploadSlots(
  { maxUploads, maxUploadsPerClient }: Pick<Limits, "maxUploads" | "maxUploadsPerClient">,
  bodies?: Pick<BodyWatch, "idleMs" | "refuse">,
): UploadSlots {
  const quota = createClientQuota({ total: maxUploads, perClient: maxUploadsPerClient, what: "uploads" });
  const running = new Map<FastifyRequest, () => void>();

  /** Ends the upload that has stalled for longest. */
  function makeRoom(isCandidate: (request: FastifyRequest) => boolean): boolean {
    if (!bodies) return false;
    const [stalled] = [...running.keys()]
      .filter((request) => isCandidate(request) && bodies.idleMs(request.raw) >= STALLED_MS)
      .sort((a, b) => bodies.idleMs(b.raw) - bodies.idleMs(a.raw));
    if (!stalled) return false;
    running.get(stalled)!();
    bodies.refuse(
      stalled.raw,
      new ServerError("request-timeout", "The upload stalled, and others need its slot."),
    );
    return true;
  }

  function takeOrMakeRoom(request: FastifyRequest): () => void {
    try {
      return quota.take(request.ip);
    } catch (error) {
      const isOwn = (error as ServerError).code === "too-many-requests";
      if (!makeRoom(isOwn ? ({ ip }) => ip === request.ip : () => true)) throw error;
      return takeOrMakeRoom(request);
    }
  }

  return {
    take(request) {
      const giveBack = takeOrMakeRoom(request);
      const release = () => {
        running.delete(request);
        giveBack();
      };
      running.set(request, release);
      return release;
    },
  };
}
