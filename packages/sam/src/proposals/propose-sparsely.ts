import { type Point, throwIfAborted } from "@segany/masks";
import type { ImageEmbedding } from "../embeddings/image-embedding.js";
import type { WindowMasks } from "../model/decoded-masks.js";
import type { PackedPrompts } from "../model/prompt-batch.js";
import { type BitMap, toBitMap, windowIou } from "./bit-map.js";
import { type Candidate, MASK_THRESHOLD } from "./candidate.js";
import { type CandidateCollector, createCandidateCollector } from "./collect-candidates.js";
import { type ProposeDependencies, type Proposed, packPoints, yieldTo } from "./propose-crop.js";
import { tilesOf } from "./tiles.js";
import type { CropTask } from "./types.js";
import { createWindowReader, type PartialView } from "./window-reader.js";

/** Two masks are the same object if their IoU in a window is at least this. */
const SAME_IOU = 0.85;
/** Most points that are decoded completely, as a share of all. */
const MAX_FULL_SHARE = 0.25;
/** Most unstable masks that are tried for one object. */
const MAX_TRIES = 3;
/**
 * Points decoded completely before checking what they explain; independent of the batch, so that the result
 * is reproducible.
 */
const ROUND = 16;

/** What behaviour `fast` needs of the model additionally. */
export interface SparseDependencies extends ProposeDependencies {
  /** Side of a window, pixels of the model's frame. */
  readonly windowPx: number;
  /** Decodes points with full resolution only in a window around a position, pixels of the model's frame. */
  readonly look: (
    embedding: ImageEmbedding,
    prompts: PackedPrompts,
    centre: readonly [x: number, y: number],
  ) => Promise<WindowMasks>;
}

/** The search of one crop. */
interface Search {
  readonly task: CropTask;
  readonly embedding: ImageEmbedding;
  readonly model: SparseDependencies;
  readonly collector: CandidateCollector;
  readonly candidates: Candidate[];
  decodeMs: number;
  postMs: number;
}

/**
 * Behaviour `fast`. Every point is first decoded with full resolution only in its surroundings
 * (`buildFovealDecoder`), at an eighth of the work. Masks that end within their window are kept. Of those
 * that extend beyond it, the ones with the best scores are decoded completely, until each is explained by a
 * mask that was found.
 */
export async function proposeSparsely(
  task: CropTask,
  embedding: ImageEmbedding,
  model: SparseDependencies,
): Promise<Proposed> {
  const collector = createCandidateCollector(task, embedding, model.io);
  const search: Search = {
    task,
    embedding,
    model,
    collector,
    candidates: model.found ?? [],
    decodeMs: 0,
    postMs: 0,
  };
  await askInFull(search, await lookEverywhere(search));
  const { candidates, decodeMs, postMs } = search;
  return { candidates, decodeMs, postMs };
}

/** Keeps the masks that end within their windows, and returns the others. */
async function lookEverywhere(search: Search): Promise<PartialView[]> {
  const { task, embedding, model, collector, candidates } = search;
  const { signal, onProgress, look } = model;
  const { pointGrid, stabilityScoreOffset, floor } = task;
  const reader = createWindowReader(embedding, collector.lowResSize, stabilityScoreOffset);
  const views: PartialView[] = [];
  let pointsDone = 0;
  const maxBatch = Math.min(task.pointsPerBatch, model.maxBatch);
  for (const { points, centre } of tilesOf(pointGrid, embedding, { maxBatch, windowPx: model.windowPx })) {
    throwIfAborted(signal);
    const seen = await timed(search, "decodeMs", () =>
      look(embedding, packPoints(points, embedding), centre),
    );
    await timed(search, "postMs", async () => {
      for (const [i, predictedIou] of seen.iouPredictions.entries()) {
        if (!collector.isRated(predictedIou)) continue;
        const point = points[Math.floor(i / seen.masks)]!;
        const mask = reader.read(seen, i);
        if (mask.kind === "whole") {
          const candidate = collector.collectOne(point, predictedIou, mask.logits);
          if (candidate) candidates.push(candidate);
        } else if (mask.stability >= floor.stabilityScoreThresh - reader.stabilitySlack) {
          views.push({ point, predictedIou, bits: mask.bits, x: seen.x, y: seen.y });
        }
      }
    });
    pointsDone += points.length;
    onProgress?.({ pointsDone, pointsTotal: pointGrid.length, candidates: candidates.length });
    await yieldTo(model.pause);
  }
  return views;
}

/**
 * Decodes the points of masks that extend beyond their windows, until each is explained or the limit is
 * reached.
 */
async function askInFull(search: Search, views: readonly PartialView[]): Promise<void> {
  const { task, model, candidates } = search;
  const { signal, onProgress } = model;
  const pointsTotal = task.pointGrid.length;
  let left = views.toSorted((a, b) => b.predictedIou - a.predictedIou);
  const tries = new Map<PartialView, number>();
  let allowed = Math.ceil(MAX_FULL_SHARE * pointsTotal);
  while (left.length > 0 && allowed > 0) {
    const points = pickDifferent(left, Math.min(ROUND, allowed)).map(({ point }) => point);
    allowed -= points.length;
    for (let done = 0; done < points.length; ) {
      throwIfAborted(signal);
      const batch = points.slice(done, done + Math.min(task.pointsPerBatch, model.batchNow()));
      const answers = await askBatch(search, batch);
      left = left.filter((view) => !isExplained(view, answers, tries));
      done += batch.length;
      await yieldTo(model.pause);
    }
    const asked = new Set(points);
    left = left.filter(({ point }) => !asked.has(point));
    onProgress?.({ pointsDone: pointsTotal, pointsTotal, candidates: candidates.length });
  }
}

/** A completely decoded mask. */
interface Answer {
  readonly bits: BitMap;
  readonly isStable: boolean;
}

/** Decodes points completely, keeps their masks, and returns those with a sufficient score. */
async function askBatch(search: Search, points: readonly Point[]): Promise<Answer[]> {
  const { task, embedding, model, collector, candidates } = search;
  const prompts = packPoints(points, embedding);
  const decoded = await timed(search, "decodeMs", () => model.decode(embedding, prompts));
  return timed(search, "postMs", async () => {
    const area = collector.lowResSize ** 2;
    const answers: Answer[] = [];
    for (const [i, predictedIou] of decoded.iouPredictions.entries()) {
      if (!collector.isRated(predictedIou)) continue;
      const logits = decoded.lowResLogits.subarray(i * area, (i + 1) * area);
      const candidate = collector.collectOne(points[Math.floor(i / decoded.masks)]!, predictedIou, logits);
      if (candidate) candidates.push(candidate);
      const isStable = !candidate || candidate.stabilityScore >= task.floor.stabilityScoreThresh;
      answers.push({ bits: toBitMap(logits, MASK_THRESHOLD), isStable });
    }
    return answers;
  });
}

/**
 * Whether a view needs no decoding any more: a stable mask agrees with it in its window, or several unstable
 * ones do. Points of one object give slightly different masks, so that one may pass where another just fails.
 */
function isExplained(
  view: PartialView,
  answers: readonly Answer[],
  tries: Map<PartialView, number>,
): boolean {
  for (const { bits, isStable } of answers) {
    if (windowIou(view.bits, bits, view.x, view.y) < SAME_IOU) continue;
    const count = (tries.get(view) ?? 0) + 1;
    if (isStable || count >= MAX_TRIES) return true;
    tries.set(view, count);
  }
  return false;
}

/** Selects the first views in order, skipping those that agree with an earlier one in the same window. */
function pickDifferent(views: readonly PartialView[], count: number): PartialView[] {
  const picked: PartialView[] = [];
  for (const view of views) {
    if (picked.length === count) break;
    const isKnown = picked.some(
      ({ point, bits, x, y }) =>
        point === view.point ||
        (x === view.x && y === view.y && windowIou(view.bits, bits, 0, 0) >= SAME_IOU),
    );
    if (!isKnown) picked.push(view);
  }
  return picked;
}

async function timed<T>(search: Search, part: "decodeMs" | "postMs", work: () => Promise<T>): Promise<T> {
  const start = performance.now();
  const result = await work();
  search[part] += performance.now() - start;
  return result;
}
