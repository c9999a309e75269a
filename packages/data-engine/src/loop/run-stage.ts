import { type Dataset, type DatasetRecord, type Sa1bWriteOptions, writeSa1b } from "@segany/dataset";
import { iouOfRuns, type MaskRecord, type MaskRuns, type Rle, throwIfAborted } from "@segany/masks";
import { type LoadSamOptions, loadSam, type Sam } from "@segany/sam";
import type { Provenance } from "../annotations/annotation.js";
import type { PrefilledMask } from "../annotations/prefill-image.js";
import type { Context } from "../context.js";
import { type ModelOpening, openingOf } from "../models/model-files.js";
import { getVersion } from "../models/read-versions.js";
import { nextRunImages, type RunImage, readRunMasks } from "../stages/run-images.js";
import type { LearnedConfidence, StageRun } from "../stages/stage-run.js";
import type { RunStageProgress } from "../stages/stage-work.js";
import { getRun } from "../stages/stages.js";
import { type RunImageResult, storeRunImage } from "../stages/store-image.js";
import { findCandidates } from "./candidates.js";
import { restoreConfidence } from "./confidence.js";
import { doubtOf } from "./doubt.js";
import { learnFromProject } from "./learn-from-project.js";
import { readPixels } from "./read-pixels.js";

/** What a stage is run with. */
export interface RunStageOptions {
  /** The data folder, which has the checkpoints. */
  readonly folder: string;
  /** The model that projects begin with. */
  readonly base: ModelOpening;
  readonly running?: Pick<LoadSamOptions, "device" | "threads" | "precision" | "cacheDirectory">;
  /** Reads an image's file. */
  readonly readImage: (id: string) => Promise<Uint8Array>;
  /** Folder for SA-1B files, written as the run goes on. */
  readonly output?: string | undefined;
  readonly writing?: Pick<Sa1bWriteOptions, "shardSizeBytes" | "images">;
  readonly onProgress?: (progress: RunStageProgress) => void;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Labels the images of a run that `Stages.begin` began, from where an earlier attempt left it: everything
 * mode with the run's model, of which masks stay that are confident enough. Masks of an image are stored
 * with the note that the image is done, so that nothing is stored twice. Memory does not grow with the number
 * of images.
 *
 * @throws DataEngineError `not-found`, `conflict` without an image to learn confidence from; SamError,
 *   DatasetError
 */
export async function runStage(context: Context, id: string, options: RunStageOptions): Promise<StageRun> {
  const { output, writing, signal, running, folder } = options;
  const run = await getRun(context.db, id);
  const { name, ...opening } =
    run.version === null ? options.base : openingOf(folder, await getVersion(context.db, run.version));
  await using sam = await loadSam(name, { ...running, ...opening, ...(signal && { signal }) });
  const confidence = await learned(context, run, sam, options);
  const work = { ...options, context, run, sam, confidence };
  const dataset: Dataset = {
    name: `stage ${run.stage}`,
    format: "segany",
    categories: [],
    records: () => labelImages(work),
  };
  if (output === undefined) for await (const _ of dataset.records());
  else await writeSa1b(dataset, output, { ...writing, resume: true, ...(signal && { signal }) });
  return getRun(context.db, id);
}

/** The confidence that the run learned before, or learns now. Attempts of a run have the same one. */
async function learned(
  context: Context,
  run: StageRun,
  sam: Sam,
  { onProgress, signal, readImage: read }: RunStageOptions,
): Promise<LearnedConfidence> {
  if (run.confidence) return run.confidence;
  const { behaviour, pointsPerSide } = run.settings;
  const found = await learnFromProject(context, run, sam, {
    ...{ behaviour, signal, readImage: read },
    ...(pointsPerSide !== undefined && { pointsPerSide }),
    onProgress: (done, total) => onProgress?.({ what: "learning", done, total }),
  });
  await context.db
    .updateTable("stage_run")
    .set({ confidence_json: JSON.stringify(found) })
    .where("id", "=", run.id)
    .where("confidence_json", "is", null)
    .execute();
  return (await getRun(context.db, run.id)).confidence!;
}

interface Labelling extends RunStageOptions {
  readonly context: Context;
  readonly run: StageRun;
  readonly sam: Sam;
  readonly confidence: LearnedConfidence;
}

async function* labelImages(work: Labelling): AsyncGenerator<DatasetRecord> {
  const { context, run, signal, onProgress, output, readImage: read } = work;
  let done = 0;
  for await (const image of nextRunImages(context.db, run.id)) {
    throwIfAborted(signal);
    onProgress?.({ what: "labelling", done: done++, total: run.images.total });
    const isReadable = image.isDone ? !image.isUnreadable : await labelImage(work, image);
    if (output === undefined || !isReadable) continue;
    const { id, name, width, height } = image;
    const fileName = `${id.slice(0, 16)}-${name}`;
    yield {
      image: { id: done, fileName, width, height, open: () => read(id) },
      annotations: (await readRunMasks(context.db, run.id, image)).map(toSetAnnotation),
    };
  }
}

/** @returns whether the image can be read */
async function labelImage(
  { context, run, sam, confidence, ...options }: Labelling,
  image: RunImage,
): Promise<boolean> {
  const { signal, readImage: read } = options;
  const { behaviour, pointsPerSide } = run.settings;
  const judge = restoreConfidence(confidence);
  const place = { job: image.job, image: image.id, run: run.id, isSame };
  const store = (result: RunImageResult) =>
    context.db.transaction().execute((trx) => storeRunImage(trx, context.now(), place, result));
  const pixels = await readPixels(() => read(image.id), signal);
  if ("problem" in pixels) {
    await store(pixels);
    return false;
  }
  const candidates = await findCandidates(sam, pixels, {
    ...{ behaviour, signal },
    ...(pointsPerSide !== undefined && { pointsPerSide }),
  });
  const model = { name: sam.model.name, hash: sam.model.checkpointSha256 };
  const source = run.stage === 2 ? "semi-automatic" : "automatic";
  const masks = candidates
    .filter(judge.suffices)
    .map((each) => toPrefilled(each, { source, model, run: run.id, scores: scoresOf(each, judge.of(each)) }));
  await store({ masks, doubt: doubtOf(candidates.map((each) => judge.of(each))) });
  return true;
}

/** IoU from which a mask shows an object that has one already. */
const SAME_OBJECT = 0.5;

const isSame = (there: readonly MaskRuns[], mask: MaskRuns): boolean =>
  iouOfRuns([mask], there).some((iou) => iou >= SAME_OBJECT);

const scoresOf = ({ predictedIou, stabilityScore }: MaskRecord, confidence: number) => ({
  predictedIou,
  stabilityScore,
  confidence,
});

function toPrefilled(
  { segmentation, pointCoords, cropBoxXywh }: MaskRecord,
  provenance: Provenance,
): PrefilledMask {
  return { mask: segmentation, provenance: { ...provenance, pointCoords, cropBoxXywh } };
}

function toSetAnnotation(
  { mask, area, boxXywh, provenance }: Awaited<ReturnType<typeof readRunMasks>>[number],
  index: number,
): DatasetRecord["annotations"][number] {
  const {
    scores = {},
    pointCoords,
    cropBoxXywh,
  } = provenance as Provenance & {
    readonly scores?: Readonly<Record<string, number>>;
    readonly pointCoords: MaskRecord["pointCoords"];
    readonly cropBoxXywh: MaskRecord["cropBoxXywh"];
  };
  return {
    ...{ id: index + 1, segmentation: mask as Rle, bboxXywh: boxXywh, area, isCrowd: false },
    ...{ predictedIou: scores.predictedIou!, stabilityScore: scores.stabilityScore! },
    ...{ pointCoords: pointCoords.map(([x, y]) => [x, y] as const), cropBoxXywh },
  };
}
