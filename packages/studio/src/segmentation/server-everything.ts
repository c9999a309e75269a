import { fromMaskRecordJson } from "@segany/masks";
import type { MaskGeneratorOptions, SelectionOptions } from "@segany/sam";
import type { Job, JobEvent, MaskList, SegmentRequest } from "@segany/server/contract";
import type { ApiClient } from "../api/api-client.js";
import { StudioError } from "../errors.js";
import type { FoundMask } from "../state/types.js";
import { foundMaskOf } from "./found-mask.js";
import { type DecodedSearch, type EverythingOptions, FOUND_FLOOR } from "./types.js";

/**
 * Everything mode as a job of the server. The job is ended when `signal` is, and when the masks are released.
 */
export async function everythingOnServer(
  api: ApiClient,
  imageId: string,
  { settings, signal, onProgress, onFound }: EverythingOptions,
): Promise<DecodedSearch> {
  signal.throwIfAborted();
  // Broken off half way, this request would leave a job that nobody knows the number of, and so nobody ends.
  const job = await api.segment(imageId, toRequest(settings));
  // Whoever ends a job has no use for its answer any more.
  const release = () => api.removeJob(job.id).catch(() => undefined);
  const onEvent = (event: JobEvent) => {
    switch (event.event) {
      case "progress":
        return onProgress(event.data);
      case "masks":
        return onFound(toRecords(event.data));
      case "state":
      case "done":
        return event.data.progress && onProgress(event.data.progress);
      case "failed":
      case "cancelled":
        throw failureOf(event.data);
    }
  };
  try {
    signal.throwIfAborted();
    await api.watchJob(job.id, onEvent, signal);
  } catch (error) {
    void release();
    throw error;
  }
  return {
    select: async (selection) => toRecords(await api.jobMasks(job.id, definedOnly(selection))),
    release: async () => void (await release()),
  };
}

function toRecords({ masks }: MaskList): readonly FoundMask[] {
  return masks.map((mask) => foundMaskOf(fromMaskRecordJson(mask)));
}

function failureOf({ state, error }: Job): Error {
  if (state === "cancelled") return new DOMException("The search was stopped.", "AbortError");
  return new StudioError(error?.code ?? "internal", error?.message ?? "The search failed on the server.");
}

/** What the contract takes of the generator's options. */
function toRequest(settings: MaskGeneratorOptions): SegmentRequest {
  const { pointsPerBatch: _batch, pointGrids: _grids, outputMode: _mode, ...request } = settings;
  return { ...definedOnly(request), floor: FOUND_FLOOR };
}

function definedOnly<T extends SelectionOptions>(options: T): T {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T;
}
