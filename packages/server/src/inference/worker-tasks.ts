import { readFile } from "node:fs/promises";
import { type MaskRecord, type RgbaImage, toMaskRecordJson } from "@segany/masks";
import type { HandlerContext, Handlers } from "@segany/runtime";
import { writeFileAtomic } from "@segany/runtime/files";
import {
  type DecodedProposals,
  decoderWeights,
  encodeEmbeddingValues,
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
import type { SegmentTask, WorkerEvent, WorkerMethods } from "./messages.js";
import { createTextPredictors } from "./text-predictors.js";

/** Most images whose embedding and decoder state are cached in memory: about 20 MB each. */
const MAX_PREDICTORS = 16;

/** Interval at which preliminary masks are sent. */
const FOUND_EVERY_MS = 1000;

/** An open model, and the weights that a page needs to decode with it. */
export interface OpenedModel {
  readonly sam: Sam;
  readonly decoderWeights: Uint8Array;
}

/**
 * Creates the methods of a worker. They run in this process, a child of the server that may block or be
 * killed.
 */
export function createWorkerTasks(
  openModel: (model: WorkerModel) => Promise<OpenedModel> = openInThisProcess,
): Handlers<WorkerMethods> {
  let sam: Sam | undefined;
  const predictors = createLruMap<string, SamPredictor>(MAX_PREDICTORS);
  let text: TextModel = {};
  const textPredictors = createTextPredictors({
    read: ({ imagePath, maxPixels }, signal) => readImageFile(imagePath, maxPixels, signal),
    openGrounder: (model) => openGrounder(model, text),
  });
  const jobs = new Map<string, DecodedProposals<"coco_rle">>();
  const opened = () => {
    if (!sam) throw new ServerError("internal", "The worker was called before it was started.");
    return sam;
  };

  async function predictorFor(imageId: string, embeddingPath: string): Promise<SamPredictor> {
    const known = predictors.get(imageId);
    if (known) return known;
    const predictor = new SamPredictor(opened());
    predictor.setImageEmbedding(await loadImageEmbedding(embeddingPath));
    predictors.set(imageId, predictor);
    return predictor;
  }

  return {
    async start(model) {
      const found = await openModel(model);
      sam = found.sam;
      text = model.text ?? {};
      if (text.checkpoint !== undefined) await textPredictors.open(sam);
      return { model: sam.model, decoderWeights: found.decoderWeights };
    },
    async encode({ imagePath, maxPixels, float32Path, float16Path }, { signal }) {
      const predictor = new SamPredictor(opened());
      await predictor.setImage(await readImageFile(imagePath, maxPixels, signal), { signal });
      const embedding = predictor.getImageEmbedding();
      await writeFileAtomic(float16Path, encodeEmbeddingValues(embedding, "float16"));
      await saveImageEmbedding(float32Path, embedding);
      return embedding.inputSize;
    },
    async predict({ imageId, embeddingPath, request, pixels }, { signal }) {
      const predictor = pixels
        ? await textPredictors.of(opened(), { imageId, embeddingPath, pixels }, signal)
        : await predictorFor(imageId, embeddingPath);
      return answerPrompt(predictor, request, signal);
    },
    async segment(task, context) {
      const decoded = await decodeEverything(opened(), task, context);
      jobs.set(task.jobId, decoded);
      return toMaskList(await decoded.select());
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
    },
  };
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
  { imagePath, maxPixels, embeddingPath, options, floor }: SegmentTask,
  { signal, onProgress: tell }: HandlerContext<WorkerEvent>,
): Promise<DecodedProposals<"coco_rle">> {
  const generator = new SamAutomaticMaskGenerator(sam, { ...options, outputMode: "coco_rle" });
  const [image, embedding] = await Promise.all([
    readImageFile(imagePath, maxPixels, signal),
    loadImageEmbedding(embeddingPath),
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
