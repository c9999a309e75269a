import { type Point, throwIfAborted } from "@segany/masks";
import type { ImageEmbedding } from "../embeddings/image-embedding.js";
import type { DecodedMasks } from "../model/decoded-masks.js";
import type { ModelIo } from "../model/model-io.js";
import { type PackedPrompts, packPrompts } from "../model/prompt-batch.js";
import type { Candidate } from "./candidate.js";
import { createCandidateCollector } from "./collect-candidates.js";
import type { CropProgress, CropTask } from "./types.js";

/** The parts of the model that proposing needs. */
export interface ProposeDependencies {
  /** The model's. */
  readonly io: Pick<ModelIo, "imageSide" | "maskSide">;
  /** Most prompts per decoder call; their results are in memory together. */
  readonly maxBatch: number;
  /** Most prompts of the next call that decodes completely; other work on the same device waits for it. */
  readonly batchNow: () => number;
  readonly decode: (embedding: ImageEmbedding, prompts: PackedPrompts) => Promise<DecodedMasks>;
  /** List to add candidates to as they are found, for observers; the same that are returned. */
  readonly found?: Candidate[] | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: CropProgress) => void) | undefined;
  /** Lets other work on the same device be done between batches. */
  readonly pause?: (() => Promise<void>) | undefined;
}

/** The candidates of one crop, and the times of the parts. */
export interface Proposed {
  readonly candidates: Candidate[];
  readonly decodeMs: number;
  readonly postMs: number;
}

/**
 * Prompts the model with every point of a grid on one crop, and keeps masks with a score above the floor that
 * do not touch an inner edge of the crop (`_process_crop` and `_process_batch`, before stability and
 * non-maximum suppression).
 */
export async function proposeCrop(
  task: CropTask,
  embedding: ImageEmbedding,
  { io, batchNow, decode, found: candidates = [], signal, onProgress, pause }: ProposeDependencies,
): Promise<Proposed> {
  const { pointGrid } = task;
  const collector = createCandidateCollector(task, embedding, io);
  let decodeMs = 0;
  let postMs = 0;
  for (let done = 0; done < pointGrid.length; ) {
    throwIfAborted(signal);
    const points = pointGrid.slice(done, done + Math.min(task.pointsPerBatch, batchNow()));
    const t0 = performance.now();
    const decoded = await decode(embedding, packPoints(points, embedding));
    const t1 = performance.now();
    candidates.push(...collector.collect(points, decoded));
    decodeMs += t1 - t0;
    postMs += performance.now() - t1;
    done += points.length;
    onProgress?.({ pointsDone: done, pointsTotal: pointGrid.length, candidates: candidates.length });
    await yieldTo(pause);
  }
  return { candidates, decodeMs, postMs };
}

/** Packs points of the unit square as prompts in the model's frame. */
export function packPoints(points: readonly Point[], { inputSize }: ImageEmbedding): PackedPrompts {
  return packPrompts(
    points.map(([x, y]) => ({
      pointCoords: [[x * inputSize.width, y * inputSize.height] as const],
      pointLabels: [1],
    })),
  );
}

/**
 * Lets cancellations and calls arrive, then does the other work that waits. Node's clock stands still while a
 * decoder runs, so that the first timer may be due before messages are looked at; after a second they have
 * been.
 */
export async function yieldTo(pause: ProposeDependencies["pause"]): Promise<void> {
  await nextTurn();
  await nextTurn();
  await pause?.();
}

/** Gives other work of this thread a turn. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
