import { createHash } from "node:crypto";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { z } from "zod";
import { ServerError } from "../errors.js";
import { clientOf } from "../http/client-quota.js";
import { readInput } from "../http/read-input.js";
import { receiveUpload } from "../images/receive-upload.js";
import { PRIORITY } from "../inference/worker-pool.js";
import { type LabelStudioAccess, openTaskImage } from "../label-studio/fetch-image.js";
import { readLabelConfig } from "../label-studio/label-config.js";
import { contextSchema, readContext } from "../label-studio/read-context.js";
import { toResult } from "../label-studio/to-result.js";
import { createLruMap } from "../lru-map.js";
import type { StoredImage } from "../records/stored-image.js";
import type { Services } from "../services.js";

const predictSchema = z.looseObject({
  tasks: z.array(z.looseObject({ data: z.record(z.string(), z.unknown()) })).max(1000),
  label_config: z.string(),
  params: z.looseObject({ context: contextSchema.nullish() }).optional(),
});

/** Tasks come with their masks, which are long lists of numbers. */
const PREDICT = { config: { json: { maxValues: 5_000_000 } } } as const;

/** Addresses whose image is known: a second click does not fetch it again. */
const MAX_KNOWN = 1000;

const PREFIX = "/label-studio";

/** Adds the routes that Label Studio asks of a model (its "ML backend"). */
export function addLabelStudioRoutes(
  app: FastifyInstance,
  services: Services,
  access: LabelStudioAccess | undefined,
): void {
  const known = createLruMap<string, string>(MAX_KNOWN);
  const version = () =>
    `segany ${services.pool.model.name} ${services.pool.model.checkpointSha256.slice(0, 8)}`;

  async function imageOf(address: string): Promise<StoredImage> {
    const key = createHash("sha256").update(address).digest("hex");
    const there = await services.images.find(known.get(key) ?? "");
    if (there) return there;
    const name = address.startsWith("data:") ? "image" : address.split("?")[0]!;
    const image = await receiveUpload(await openTaskImage(address, access), name, services);
    known.set(key, image.id);
    return image;
  }

  async function predict(request: FastifyRequest) {
    const { tasks, label_config, params } = readInput(predictSchema, request.body, "The request");
    const tags = readLabelConfig(label_config);
    const [task] = tasks;
    const { context } = params ?? {};
    if (!task || !context) return { results: [] }; // nobody has clicked yet
    const address = task.data[tags.image.field];
    if (typeof address !== "string")
      throw new ServerError("bad-request", `The task has no image in "${tags.image.field.slice(0, 100)}".`);
    const image = await imageOf(address);
    const prompt = readContext(context, image);
    if (!prompt) return { results: [{ result: [], score: 0, model_version: version() }] };
    const client = clientOf(request.ip);
    const answer = await services.models.own.embeddings.use(
      image.id,
      { client },
      ({ float32Path: embeddingPath }) =>
        services.pool.call(
          "predict",
          { imageId: image.id, embeddingPath, request: prompt.request },
          { priority: () => PRIORITY.click, client },
        ),
    );
    return { results: [{ ...toResult(answer, tags, prompt.label), model_version: version() }] };
  }

  app.get(`${PREFIX}/health`, async () => ({ status: "UP", model_class: "Segany" }));
  app.post(`${PREFIX}/setup`, PREDICT, async () => ({ model_version: version() }));
  app.post(`${PREFIX}/predict`, PREDICT, predict);
  // Nothing is trained there: the events of annotations are taken and change nothing.
  app.post(`${PREFIX}/webhook`, PREDICT, async (_request, reply) => reply.status(201).send({ status: "ok" }));
}
