import { randomUUID } from "node:crypto";
import type { FindMasks, FoundMasks } from "@segany/data-engine";
import type { ApiErrorCode } from "../contract/errors.js";
import type { MaskList } from "../contract/masks.js";
import { ServerError } from "../errors.js";
import { PRIORITY } from "../inference/worker-pool.js";
import type { Worker } from "../inference/worker-process.js";
import { runSegment } from "../jobs/run-segment.js";
import type { WorkServices } from "./work-services.js";

/** Of an image that no other attempt helps. */
const OF_THE_IMAGE: ReadonlySet<ApiErrorCode> = new Set(["not-found", "image-unreadable", "image-too-large"]);

/** Everything mode with the project's model, from the image's stored embedding where there is one. */
export function createFindMasks({ pool, models, blobs, limits }: WorkServices): FindMasks {
  return async (imageId, { project, settings: request }, signal) => {
    const jobId = randomUUID();
    let holder: Worker | undefined;
    const onBegin = (worker: Worker) => {
      holder = worker;
    };
    try {
      const model = await models.ofProject(project);
      const services = { blobs, limits, models: { of: async () => model } };
      const { masks } = await runSegment(jobId, { imageId, request }, pool, services, {
        ...{ signal, onBegin, onEvent: () => undefined },
      });
      const { name, checkpointSha256: hash } = (await model.parts()).model;
      return { model: { name, hash }, masks: masks.map(toFound) };
    } catch (error) {
      if (error instanceof ServerError && OF_THE_IMAGE.has(error.code)) return undefined;
      throw error;
    } finally {
      // The candidates are for other thresholds, which nobody asks for here.
      if (holder)
        void pool
          .call("release", { jobId }, { priority: () => PRIORITY.job, worker: holder })
          .catch(() => undefined);
    }
  };
}

function toFound(mask: MaskList["masks"][number]): FoundMasks["masks"][number] {
  return {
    mask: mask.segmentation,
    scores: { predictedIou: mask.predicted_iou, stabilityScore: mask.stability_score },
    ...{ pointCoords: mask.point_coords, cropBoxXywh: mask.crop_box },
  };
}
