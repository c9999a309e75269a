import { rm } from "node:fs/promises";
import type { FastifyInstance, FastifyReply } from "fastify";
import { cutOutRequestSchema } from "../contract/masks.js";
import { predictRequestSchema } from "../contract/predict.js";
import { ServerError } from "../errors.js";
import { clientOf } from "../http/client-quota.js";
import { readInput } from "../http/read-input.js";
import { sendFile } from "../http/send-file.js";
import { PRIORITY } from "../inference/worker-pool.js";
import { imageKeys } from "../records/stored-image.js";
import type { Services } from "../services.js";
import { imageIdOf } from "./images.js";
import { servedModelOf } from "./served-model.js";

const click = { priority: () => PRIORITY.click } as const;

/** Aborted when the client disconnects: nobody waits for the response. */
function clientGone({ raw }: FastifyReply): AbortSignal {
  const controller = new AbortController();
  raw.once("close", () => {
    if (!raw.writableFinished) controller.abort();
  });
  return controller.signal;
}

/** Enough for a mask prompt as rows of numbers, with points. */
const PREDICT = {
  bodyLimit: 4 * 2 ** 20,
  config: { json: { code: "prompt-invalid", maxValues: 80_000 } },
} as const;

const CUT_OUT = { config: { json: { code: "mask-invalid" } } } as const;

/** Adds the routes for predictions and cut-outs. */
export function addMaskRoutes(
  app: FastifyInstance,
  { blobs, images, imageWorker, models, pool, limits }: Services,
): void {
  app.post("/v1/images/:id/predict", PREDICT, async (request, reply) => {
    const { id } = await images.get(imageIdOf(request));
    const { version, embeddings } = await servedModelOf(request, models);
    const prompt = readInput(predictRequestSchema, request.body ?? {}, "The prompt", "prompt-invalid");
    const client = clientOf(request.ip);
    const signal = clientGone(reply);
    const pixels =
      typeof prompt.text === "string"
        ? { imagePath: await blobs.localPath(imageKeys.file(id)), maxPixels: limits.maxPixels }
        : undefined;
    return embeddings.use(id, { client }, ({ float32Path: embeddingPath }) =>
      pool.call(
        "predict",
        {
          ...(version && { version }),
          ...{ imageId: id, embeddingPath, request: prompt },
          ...(pixels && { pixels }),
        },
        { ...click, client, signal },
      ),
    );
  });

  app.post("/v1/images/:id/cut-outs", CUT_OUT, async (request, reply) => {
    const { id, width, height } = await images.get(imageIdOf(request));
    const { segmentation, paddingPx } = readInput(
      cutOutRequestSchema,
      request.body,
      "The cut-out",
      "mask-invalid",
    );
    if (segmentation.size[0] !== height || segmentation.size[1] !== width) {
      throw new ServerError(
        "mask-invalid",
        `The mask's size [height, width] is [${segmentation.size}]; the image's is [${height}, ${width}].`,
      );
    }
    const outputPath = blobs.temporaryPath();
    try {
      await imageWorker.cutOut(await blobs.localPath(imageKeys.file(id)), outputPath, {
        segmentation,
        paddingPx: paddingPx ?? 0,
        client: clientOf(request.ip),
      });
      await sendFile(reply, outputPath, "image/png");
      return reply;
    } finally {
      await rm(outputPath, { force: true }); // an open file can still be read to its end
    }
  });
}
