import type { StateDict } from "@segany/graph/weights";
import { SamError, throwIfAborted } from "@segany/masks";
import { type CallOptions, lazySession, type SessionOpener } from "@segany/runtime";
import type { ImageEmbedding } from "../embeddings/image-embedding.js";
import type { GraphForm } from "../model/graph-options.js";
import type { NamedTensors } from "../model/model-family.js";
import type { PreparedImage } from "../preprocessing/prepare-image.js";
import type { Candidate } from "../proposals/candidate.js";
import { measureAhead } from "../proposals/measure-ahead.js";
import { type ProposeDependencies, proposeCrop } from "../proposals/propose-crop.js";
import { proposeSparsely } from "../proposals/propose-sparsely.js";
import { selectMasks } from "../proposals/select-masks.js";
import { type CropTask, isEmbedding } from "../proposals/types.js";
import { closedError } from "./closed-error.js";
import { createDecoder, MAX_BATCH, pick } from "./decoder.js";
import type { RecognisedModel } from "./model-info.js";
import type { Engine } from "./types.js";

/** What was found on all crops of one image so far. */
interface Proposals {
  /** Those of each crop; they grow while it is searched. */
  readonly crops: Candidate[][];
  readonly stabilityFloor: number;
}

/** What graphs are fitted to. */
export interface LocalEngineOptions {
  /** Threads that `openSession` gives a session. */
  readonly threads?: number;
  /** How the encoder is written; fast unless told otherwise. */
  readonly encoderForm?: GraphForm;
  /** Most prompts decoded in one run: work is cancelled, and candidates are seen, between runs. */
  readonly maxBatch?: number;
}

/** Runs a model in this process. Graphs are opened when first needed; the checkpoint is closed with the engine. */
export function createLocalEngine(
  recognised: RecognisedModel,
  state: StateDict,
  openSession: SessionOpener,
  { threads = 2, encoderForm = "fast", maxBatch = MAX_BATCH }: LocalEngineOptions = {},
): Engine {
  const { model, family } = recognised;
  const { precision, architecture } = model;
  const form = encoderForm === "plain" ? ({ form: "plain" } as const) : { precision, threads };
  const encoderSession = lazySession(() =>
    openSession(family.encoder(state.tensors, architecture, form), state.load),
  );
  const decoder = createDecoder(recognised, state, openSession, maxBatch);
  const proposals = new Map<number, Proposals>();
  let proposing = 0;
  let closed = false;
  let input: NamedTensors | undefined;

  /** What every call begins with. A session that was opened after `close` would never be closed. */
  function check(signal: AbortSignal | undefined): void {
    if (closed) throw closedError();
    throwIfAborted(signal);
  }

  async function encode(image: PreparedImage, { signal }: CallOptions = {}): Promise<ImageEmbedding> {
    check(signal);
    if (!family.matches(state.tensors)) {
      throw new SamError(
        "encoder-missing",
        `${state.source} holds the decoder of ${model.name} only: take an embedding made elsewhere, or load the whole model.`,
      );
    }
    const session = await encoderSession.open();
    throwIfAborted(signal);
    input = family.prepare(image.resized, architecture, input);
    const result = await session.run(pick(input, session.inputNames));
    throwIfAborted(signal);
    const { name, checkpointSha256 } = model;
    return {
      model: { name, checkpointSha256, precision },
      imageSize: image.originalSize,
      inputSize: { width: image.resized.width, height: image.resized.height },
      features: Object.fromEntries(
        Object.keys(model.features).map((feature) => {
          const { shape, data } = result[feature]!;
          return [feature, { shape, data: data as Float32Array }];
        }),
      ),
    };
  }

  /** The list that candidates of a crop go to; masks can be picked from it at once. */
  function candidatesOf({ proposals: number, floor }: CropTask): Candidate[] {
    const found: Candidate[] = [];
    const proposed = proposals.get(number);
    if (proposed) proposed.crops.push(found);
    else proposals.set(number, { crops: [found], stabilityFloor: floor.stabilityScoreThresh });
    return found;
  }

  return {
    model,
    encode,
    async decode({ embedding, prompts, masks }, { signal } = {}) {
      check(signal);
      return decoder.decode(embedding, prompts, masks, { signal });
    },
    async propose(task, { signal, onProgress } = {}) {
      check(signal);
      const found = candidatesOf(task);
      proposing++;
      try {
        const t0 = performance.now();
        const embedding = isEmbedding(task.input) ? task.input : await encode(task.input, { signal });
        const encodeMs = performance.now() - t0;
        const { closeLook } = decoder;
        const dependencies: ProposeDependencies = {
          io: model,
          maxBatch,
          decode: (at, prompts) => decoder.decode(at, prompts, "three", { signal }),
          found,
          signal,
          onProgress,
        };
        const { decodeMs, postMs } = await (task.effort === "sparse" && closeLook
          ? proposeSparsely(task, embedding, { ...dependencies, ...closeLook })
          : proposeCrop(task, embedding, dependencies));
        return { encodeMs, decodeMs, postMs };
      } finally {
        proposing--;
        void measureAhead(found, () => proposing === 0 && proposals.has(task.proposals));
      }
    },
    async select({ proposals: number, selection, behaviour }) {
      const proposed = proposals.get(number);
      if (!proposed)
        throw new SamError(
          "inference-failed",
          "These candidates were released, or lost with the process that held them; decode the image again.",
        );
      const stabilityScoreThresh = Math.max(selection.stabilityScoreThresh, proposed.stabilityFloor);
      return selectMasks(proposed.crops.flat(), { ...selection, stabilityScoreThresh }, behaviour);
    },
    async release(number) {
      proposals.delete(number);
    },
    async close() {
      closed = true;
      proposals.clear();
      await encoderSession.close();
      await decoder.close();
      await state.close();
    },
  };
}
