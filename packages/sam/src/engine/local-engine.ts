import type { StateDict } from "@segany/graph/weights";
import { throwIfAborted } from "@segany/masks";
import type { CallOptions, SessionOpener } from "@segany/runtime";
import type { ImageEmbedding } from "../embeddings/image-embedding.js";
import type { GraphForm } from "../model/graph-options.js";
import type { PreparedImage } from "../preprocessing/prepare-image.js";
import { createKeptProposals } from "../proposals/kept-proposals.js";
import { type ProposeDependencies, type Proposed, proposeCrop } from "../proposals/propose-crop.js";
import { proposeSparsely } from "../proposals/propose-sparsely.js";
import { type CropProgress, type CropTask, isEmbedding } from "../proposals/types.js";
import { closedError } from "./closed-error.js";
import {
  CLICKED_BATCH,
  CLICKED_RUNS,
  createDecoder,
  type Decoder,
  MAX_BATCH,
  SHARED_BATCH,
} from "./decoder.js";
import { createEncoder } from "./encoder.js";
import type { RecognisedModel } from "./model-info.js";
import type { Engine, LongCallOptions } from "./types.js";

/** Settings of a local engine. */
export interface LocalEngineOptions {
  /** Threads that `openSession` gives a session. */
  readonly threads?: number;
  /** Form of the encoder; default `fast`. */
  readonly encoderForm?: GraphForm;
  /** Opens the encoder at once, while the caller reads its first image. */
  readonly opensEncoder?: boolean;
  /** Most prompts per run: work can be cancelled, and candidates are reported, between runs. */
  readonly maxBatch?: number;
}

/**
 * Creates an engine that runs a model in this process. Graphs are opened on first use; the checkpoint is
 * closed with the engine.
 */
export function createLocalEngine(
  recognised: RecognisedModel,
  state: StateDict,
  openSession: SessionOpener,
  { threads = 2, encoderForm = "fast", opensEncoder = false, maxBatch = MAX_BATCH }: LocalEngineOptions = {},
): Engine {
  const { model } = recognised;
  const fast = { precision: model.precision, threads };
  const encoderOptions = encoderForm === "plain" ? ({ form: "plain" } as const) : fast;
  const encoder = createEncoder(recognised, state, openSession, encoderOptions);
  const decoder = createDecoder(recognised, state, openSession, maxBatch);
  const kept = createKeptProposals();
  let closed = false;
  let isPrompted = false;
  let clickedRuns = 0;
  // Opening blocks this thread: the caller is told first that the engine is there. A failure is that of
  // `encode`.
  if (opensEncoder) setTimeout(() => void (closed || encoder.open().catch(() => {})));

  /** Checks at the start of every call. A session opened after `close` would never be closed. */
  function check(signal: AbortSignal | undefined): void {
    if (closed) throw closedError();
    throwIfAborted(signal);
  }

  /** Most prompts of the next run of a search. */
  function batchNow(): number {
    if (clickedRuns > 0) clickedRuns--;
    else return isPrompted ? Math.min(SHARED_BATCH, maxBatch) : maxBatch;
    return Math.min(CLICKED_BATCH, maxBatch);
  }

  async function encode(image: PreparedImage, options: CallOptions = {}): Promise<ImageEmbedding> {
    check(options.signal);
    isPrompted = true;
    return encoder.encode(image, options);
  }

  return {
    model,
    encode,
    async decode({ embedding, prompts, masks }, { signal } = {}) {
      check(signal);
      isPrompted = true;
      clickedRuns = CLICKED_RUNS;
      return decoder.decode(embedding, prompts, masks, { signal });
    },
    async propose(task, { signal, onProgress, pause }: LongCallOptions<CropProgress> = {}) {
      check(signal);
      return kept.searching(task, async (found) => {
        const t0 = performance.now();
        const embedding = isEmbedding(task.input) ? task.input : await encoder.encode(task.input, { signal });
        const encodeMs = performance.now() - t0;
        const options = { io: model, maxBatch, batchNow, found, signal, onProgress, pause };
        const { decodeMs, postMs } = await propose(task, embedding, decoder, options);
        return { encodeMs, decodeMs, postMs };
      });
    },
    async select({ searchId, selection, behaviour }) {
      return kept.select(searchId, selection, behaviour);
    },
    async release(number) {
      kept.release(number);
    },
    async close() {
      closed = true;
      kept.releaseAll();
      await encoder.close();
      await decoder.close();
      await state.close();
    },
  };
}

/** Searches a crop with the requested effort; completely if the model has no foveal decoder. */
function propose(
  task: CropTask,
  embedding: ImageEmbedding,
  { decode, closeLook }: Decoder,
  options: Omit<ProposeDependencies, "decode">,
): Promise<Proposed> {
  const { signal } = options;
  const dependencies: ProposeDependencies = {
    ...options,
    decode: (at, prompts) => decode(at, prompts, "three", { signal }),
  };
  if (task.effort === "sparse" && closeLook)
    return proposeSparsely(task, embedding, { ...dependencies, ...closeLook });
  return proposeCrop(task, embedding, dependencies);
}
