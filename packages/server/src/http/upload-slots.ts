import type { FastifyRequest } from "fastify";
import { ServerError } from "../errors.js";
import type { Limits } from "../options.js";
import type { BodyWatch } from "./body-watch.js";
import { createClientQuota } from "./client-quota.js";

/** How far behind an upload must be to make room for a waiting one: stalled, or trickling. */
const LATE_MS = 2000;

/** Slots for concurrent uploads. */
export interface UploadSlots {
  /**
   * Takes a slot. If none is free, the upload that is furthest behind is ended.
   *
   * @returns a function that releases the slot
   * @throws ServerError `too-many-requests`, `overloaded`
   */
  take(request: FastifyRequest): () => void;
}

/** Creates the slots. @param bodies reports late uploads; without it no upload has to make room */
export function createUploadSlots(
  { maxUploads, maxUploadsPerClient }: Pick<Limits, "maxUploads" | "maxUploadsPerClient">,
  bodies?: Pick<BodyWatch, "lagMs" | "refuse">,
): UploadSlots {
  const quota = createClientQuota({ total: maxUploads, perClient: maxUploadsPerClient, what: "uploads" });
  const running = new Map<FastifyRequest, () => void>();

  /** Ends the upload that is furthest behind. */
  function makeRoom(isCandidate: (request: FastifyRequest) => boolean): boolean {
    if (!bodies) return false;
    const [late] = [...running.keys()]
      .filter((request) => isCandidate(request) && bodies.lagMs(request.raw) >= LATE_MS)
      .sort((a, b) => bodies.lagMs(b.raw) - bodies.lagMs(a.raw));
    if (!late) return false;
    running.get(late)!();
    bodies.refuse(
      late.raw,
      new ServerError("request-timeout", "The upload stalled or was too slow, and others need its slot."),
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
