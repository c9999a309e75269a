import { readFile, rm } from "node:fs/promises";
import type { FastifyInstance, FastifyReply } from "fastify";
import { cutOutRequestSchema, keptMasksSchema } from "../contract/masks.js";
import { predictRequestSchema } from "../contract/predict.js";
import { ServerError } from "../errors.js";
import { readInput } from "../http/read-input.js";
import { PRIORITY } from "../inference/worker-pool.js";
import { imageKeys } from "../records/stored-image.js";
import type { Services } from "../services.js";
import { imageIdOf } from "./images.js";

const click = { priority: () => PRIORITY.click } as const;

/** Fires when the client has gone: nobody waits for the answer. */
function clientGone({ raw }: FastifyReply): AbortSignal {
  const controller = new AbortController();
  raw.once("close", () => {
    if (!raw.writableFinished) controller.abort();
  });
  return controller.signal;
}

/** Masks for prompts, masks that are kept, and objects cut out. */
export function addMaskRoutes(
  app: FastifyInstance,
  { blobs, images, embeddings, pool, limits }: Services,
): void {
  app.post("/v1/images/:id/predict", async (request, reply) => {
    const { id } = await images.get(imageIdOf(request));
    const prompt = readInput(predictRequestSchema, request.body ?? {}, "The prompt", "prompt-invalid");
    const { float32Path } = await embeddings.get(id);
    const signal = clientGone(reply);
    return pool.call(
      "predict",
      { imageId: id, embeddingPath: float32Path, request: prompt },
      { ...click, signal },
    );
  });

  app.get("/v1/images/:id/masks", async (request, reply) => {
    const { id } = await images.get(imageIdOf(request));
    const kept = await blobs.get(imageKeys.masks(id));
    if (!kept) return reply.status(204).send();
    return reply.type("application/json").send(kept);
  });

  app.put("/v1/images/:id/masks", async (request, reply) => {
    const { id, width, height } = await images.get(imageIdOf(request));
    const masks = readInput(keptMasksSchema, request.body, "The masks", "mask-invalid");
    if (masks.image.width !== width || masks.image.height !== height) {
      throw new ServerError(
        "mask-invalid",
        `The masks are for an image of ${masks.image.width} x ${masks.image.height} pixels; this one is ${width} x ${height}.`,
      );
    }
    const wrong = masks.annotations.findIndex(
      ({ segmentation: { size } }) => size[0] !== height || size[1] !== width,
    );
    if (wrong >= 0)
      throw new ServerError("mask-invalid", `annotations.${wrong}: its size is not that of the image.`);
    await blobs.put(imageKeys.masks(id), JSON.stringify(masks));
    return reply.status(204).send();
  });

  app.post("/v1/images/:id/cut-outs", async (request, reply) => {
    const { id } = await images.get(imageIdOf(request));
    const { segmentation, paddingPx } = readInput(
      cutOutRequestSchema,
      request.body,
      "The cut-out",
      "mask-invalid",
    );
    const outputPath = blobs.temporaryPath();
    try {
      const picturePath = await blobs.localPath(imageKeys.file(id));
      await pool.call(
        "cutOut",
        { picturePath, maxPixels: limits.maxPixels, segmentation, paddingPx: paddingPx ?? 0, outputPath },
        { ...click, signal: clientGone(reply) },
      );
      return await reply.type("image/png").send(await readFile(outputPath));
    } finally {
      await rm(outputPath, { force: true });
    }
  });
}
