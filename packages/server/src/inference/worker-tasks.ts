import { readFile } from "node:fs/promises";
import { type MaskRecord, type RgbaImage, toMaskRecordJson } from "@segany/masks";
import type { HandlerContext, Handlers } from "@segany/runtime";
import { writeFileAtomic } from "@segany/runtime/files";
import {
  type DecodedProposals,
  decoderWeights,
  encodeEmbeddingValues,
  type ImageEmbedding,
  loadImageEmbedding,
  loadSam,
  readImage,
  type Sam,
  SamAutomaticMaskGenerator,
  SamPredictor,
  saveImageEmbedding,
} from "@segany/sam";
import type { TextGrounder } from "@segany/sam/text";
import type { MaskList } from "../contract/masks.js";
import { ServerError } from "../errors.js";
import { createLruMap } from "../lru-map.js";
import type { TextModel, WorkerModel } from "../options.js";
import { answerPrompt } from "./answer-prompt.js";
import type { SegmentTask, VersionModel, WorkerEvent, WorkerMethods, WorkerStarted } from "./messages.js";
import { asOwn, createOpenModels, type OpenedModel } from "./open-models.js";
import { createTextPredictors } from "./text-predictors.js";

/** Most images whose embedding and decoder state are cached in memory: about 20 MB each. */
const MAX_PREDICTORS = 16;

/** Interval at which preliminary masks are sent. */
const FOUND_EVERY_MS = 1000;

/**
 * Creates the methods of a worker. They run in this process, a child of the server that may block or be
 * killed.
 */
export function createWorkerTasks(
  openModel: (model: WorkerModel) => Promise<OpenedModel> = openInThisProcess,
): Handlers<WorkerMethods> {
  const models = createOpenModels(openModel);
  const predictors = createLruMap<string, { readonly sam: Sam; readonly predictor: SamPredictor }>(
    MAX_PREDICTORS,
  );
  let text: TextModel = {};
  const textPredictors = createTextPredictors({
    read: ({ imagePath, maxPixels }, signal) => readImageFile(imagePath, maxPixels, signal),
    openGrounder: (model) => openGrounder(model, text),
  });
  const jobs = new Map<string, DecodedProposals<"coco_rle">>();

  /** @param of key of the model and image */
  async function predictorFor(of: string, sam: Sam, load: () => Promise<ImageEmbedding>) {
    const known = predictors.get(of);
    if (known?.sam === sam) return known.predictor; // a version may have been closed and opened again
    const predictor = new SamPredictor(sam);
    predictor.setImageEmbedding(await load());
    predictors.set(of, { sam, predictor });
    return predictor;
  }

  return {
    async start(model) {
      const opened = await models.start(model);
      text = model.text ?? {};
      if (text.checkpoint !== undefined) await textPredictors.open(opened.sam);
      return describe(opened);
    },
    async describe(version) {
      return describe(await models.of(version));
    },
    async encode({ version, imagePath, maxPixels, float32Path, float16Path }, { signal }) {
      const predictor = new SamPredictor((await models.of(version)).sam);
      await predictor.setImage(await readImageFile(imagePath, maxPixels, signal), { signal });
      const embedding = predictor.getImageEmbedding();
      await writeFileAtomic(float16Path, encodeEmbeddingValues(embedding, "float16"));
      await saveImageEmbedding(float32Path, embedding);
      return embedding.inputSize;
    },
    async predict({ version, imageId, embeddingPath, request, pixels }, { signal }) {
      const { sam } = await models.of(version);
      const load = () => readEmbedding(embeddingPath, sam, version);
      const key = `${version?.checkpoint ?? ""} ${imageId}`;
      const predictor = pixels
        ? await textPredictors.of(sam, { key, load, pixels }, signal)
        : await predictorFor(key, sam, load);
      return answerPrompt(predictor, request, signal);
    },
    async segment(task, context) {
      models.hold(task.version, task.jobId);
      try {
        const { sam } = await models.of(task.version);
        const decoded = await decodeEverything(sam, task, context);
        jobs.set(task.jobId, decoded);
        return toMaskList(await decoded.select());
      } catch (error) {
        models.release(task.jobId);
        throw error;
      }
    },
    async select({ jobId, selection }) {
      const decoded = jobs.get(jobId);
      if (!decoded)
        throw new ServerError("gone", "The candidates of this job were evicted; run everything mode again.");
      return toMaskList(await decoded.select(selection));
    },
    async release({ jobId }) {
      await jobs.get(jobId)?.release();
      jobs.delete(jobId);
      models.release(jobId);
    },
  };
}

function describe({ sam, decoderWeights: weights }: OpenedModel): WorkerStarted {
  return { model: sam.model, decoderWeights: weights };
}

/** The embedding must be of the model itself; of a version, the caller knows whose image encoder it has. */
async function readEmbedding(
  path: string,
  sam: Sam,
  version: VersionModel | undefined,
): Promise<ImageEmbedding> {
  const embedding = await loadImageEmbedding(path);
  return version ? asOwn(embedding, sam) : embedding;
}

/** Reads by bytes, so that no message contains a local path. */
async function readImageFile(path: string, maxPixels: number, signal: AbortSignal): Promise<RgbaImage> {
  return readImage(await readFile(path), { maxPixels, signal });
}

async function openGrounder(sam: Sam, text: TextModel): Promise<TextGrounder> {
  const { openTextGrounder } = await import("@segany/sam/text");
  return openTextGrounder({ ...text, ...(text.checkpoint !== undefined && { sam }) });
}

async function openInThisProcess({ name, text: _, ...options }: WorkerModel): Promise<OpenedModel> {
  const sam = await loadSam(name, { ...options, runIn: "this-process" });
  const { checkpoint, lora, ignoreUnused, preprocessing } = options;
  const weights = await decoderWeights({
    ...(name && { model: name }),
    ...(checkpoint && { checkpoint }),
    ...(lora && { lora }),
    ...(ignoreUnused && { ignoreUnused }),
    ...(preprocessing && { preprocessing }),
  });
  return { sam, decoderWeights: weights };
}

async function decodeEverything(
  sam: Sam,
  { version, imagePath, maxPixels, embeddingPath, options, floor }: SegmentTask,
  { signal, onProgress: tell }: HandlerContext<WorkerEvent>,
): Promise<DecodedProposals<"coco_rle">> {
  const generator = new SamAutomaticMaskGenerator(sam, { ...options, outputMode: "coco_rle" });
  const [image, embedding] = await Promise.all([
    readImageFile(imagePath, maxPixels, signal),
    readEmbedding(embeddingPath, sam, version),
  ]);
  let toldMs = performance.now();
  return generator.decode(image, {
    embedding,
    floor,
    signal,
    onProgress({ pointsDone, pointsTotal, candidates }, found) {
      tell({ event: "progress", data: { pointsDone, pointsTotal, candidates } });
      if (performance.now() - toldMs < FOUND_EVERY_MS || pointsDone === pointsTotal) return;
      toldMs = performance.now();
      found.select().then(
        (masks) => tell({ event: "masks", data: toMaskList(masks) }),
        () => undefined, // generating fails with the same error
      );
    },
  });
}

function toMaskList(records: readonly MaskRecord[]): MaskList {
  return { masks: records.map(toMaskRecordJson) as unknown as MaskList["masks"] };
}
