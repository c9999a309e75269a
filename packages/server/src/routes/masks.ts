import { rm } from "node:fs/promises";
import type { FastifyInstance, FastifyReply } from "fastify";
import { cutOutRequestSchema } from "../contract/masks.js";
import { predictRequestSchema } from "../contract/predict.js";
import { ServerError } from "../errors.js";
import type { JsonReader } from "../http/json-body.js";
import { readInput } from "../http/read-input.js";
import { sendFile } from "../http/send-file.js";
import { PRIORITY } from "../inference/worker-pool.js";
import { imageKeys } from "../records/stored-image.js";
import type { Services } from "../services.js";
import { createTurns } from "../turns.js";
import { imageIdOf } from "./images.js";
import { checkKeptMasks } from "./read-kept-masks.js";
import { refuseRepeatedNames } from "./repeated-names.js";

const click = { priority: () => PRIORITY.click } as const;

/** Fires when the client has gone: nobody waits for the answer. */
function clientGone({ raw }: FastifyReply): AbortSignal {
  const controller = new AbortController();
  raw.once("close", () => {
    if (!raw.writableFinished) controller.abort();
  });
  return controller.signal;
}

/** A rough mask as rows of numbers, points, and what is around them. */
const PREDICT = {
  bodyLimit: 4 * 2 ** 20,
  config: { json: { code: "prompt-invalid", maxValues: 80_000 } },
} as const;

const KEEP = { config: { json: { code: "mask-invalid", maxValues: 1_000_000, isLeftRaw: true } } } as const;

const CUT_OUT = { config: { json: { code: "mask-invalid" } } } as const;

/** Some editors put it before the text; readers of JSON may not expect it. */
function withoutByteOrderMark(bytes: Buffer): Buffer {
  return bytes.subarray(0, 3).equals(BYTE_ORDER_MARK) ? bytes.subarray(3) : bytes;
}

const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/** Masks for prompts, masks that are kept, and objects cut out. */
export function addMaskRoutes(
  app: FastifyInstance,
  { blobs, images, imageWorker, embeddings, pool }: Services,
  readJson: JsonReader,
): void {
  const inTurn = createTurns();

  app.post("/v1/images/:id/predict", PREDICT, async (request, reply) => {
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
    if (await sendFile(reply, await blobs.localPath(imageKeys.masks(id)), "application/json")) return reply;
    return reply.status(204).send();
  });

  app.put("/v1/images/:id/masks", KEEP, async (request, reply) => {
    const image = await images.get(imageIdOf(request));
    const bytes = withoutByteOrderMark((request.body as Buffer | undefined) ?? Buffer.alloc(0));
    // One document at a time, whosever it is: each may take a hundred megabytes.
    await inTurn("kept masks", async () => {
      const masks = readJson(request, bytes);
      refuseRepeatedNames(bytes, masks);
      await checkKeptMasks(masks, image);
    });
    await blobs.put(imageKeys.masks(image.id), bytes); // as they came: what is read is what was sent
    return reply.status(204).send();
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
      });
      await sendFile(reply, outputPath, "image/png");
      return reply;
    } finally {
      await rm(outputPath, { force: true }); // what is open can be read to its end
    }
  });
}
