import type { Graph } from "@segany/graph";
import type { StateDict } from "@segany/graph/weights";
import { SamError, throwIfAborted } from "@segany/masks";
import {
  type CallOptions,
  type LazySession,
  lazySession,
  type RunTensor,
  type SessionOpener,
} from "@segany/runtime";
import type { ImageEmbedding } from "../embeddings/image-embedding.js";
import type { DecodedMasks, WindowMasks } from "../model/decoded-masks.js";
import type { DecoderOptions } from "../model/graph-options.js";
import type { NamedTensors } from "../model/model-family.js";
import type { ModelIo } from "../model/model-io.js";
import type { MaskTokens, PackedPrompts } from "../model/prompt-batch.js";
import type { RecognisedModel } from "./model-info.js";

/** The most prompts in one run: more gain no time and cost 80 MB each (docs/performance.md). */
export const MAX_BATCH = 16;
/** Images whose preparation is kept: 15 MB each. */
const MAX_PREPARED = 4;

/** Runs the mask decoder in the form that each batch needs. */
export interface Decoder {
  decode(
    embedding: ImageEmbedding,
    prompts: PackedPrompts,
    masks: MaskTokens,
    options?: CallOptions,
  ): Promise<DecodedMasks>;
  /** Undefined where the model has no such form. */
  readonly closeLook?: CloseLook | undefined;
  close(): Promise<void>;
}

/** Decoding with close attention to a window of the image alone; see `FovealDecoder`. */
export interface CloseLook {
  /** Side of the window, pixels of the model's frame. */
  readonly windowPx: number;
  /**
   * Decodes points of one place.
   *
   * @param prompts one point each, at most {@link MAX_BATCH}
   * @param centre where the window should be, pixels of the model's frame
   */
  look(
    embedding: ImageEmbedding,
    prompts: PackedPrompts,
    centre: readonly [x: number, y: number],
  ): Promise<WindowMasks>;
}

export function createDecoder(
  { model, family }: RecognisedModel,
  state: StateDict,
  openSession: SessionOpener,
  maxBatch = MAX_BATCH,
): Decoder {
  const { tensors } = state;
  const open = (graph: Graph) => openSession(graph, state.load);
  const preparation =
    family.preparation && lazySession(() => open(family.preparation!(tensors, model.architecture)));
  const foveal = family.foveal?.(model.architecture);
  const fovealSession = foveal && lazySession(() => open(foveal.graph(tensors)));
  const variants = new Map<string, LazySession>();
  const prepared = new Map<ImageEmbedding, Promise<NamedTensors>>();

  function variant(options: DecoderOptions): LazySession {
    const key = JSON.stringify(options);
    const session =
      variants.get(key) ?? lazySession(() => open(family.decoder(tensors, model.architecture, options)));
    variants.set(key, session);
    return session;
  }

  /** The image's feature maps, and what is made of them for the decoder. */
  async function prepare(embedding: ImageEmbedding): Promise<NamedTensors> {
    const features = featureFeeds(embedding);
    if (!preparation) return features;
    const session = await preparation.open();
    return { ...features, ...(await session.run(pick(features, session.inputNames))) };
  }

  /** What all prompts on one image share is computed once; the least recently used image goes first. */
  function prepareOnce(embedding: ImageEmbedding): Promise<NamedTensors> {
    const found = prepared.get(embedding) ?? prepare(embedding);
    prepared.delete(embedding);
    prepared.set(embedding, found);
    found.catch(() => prepared.delete(embedding));
    if (prepared.size > MAX_PREPARED) prepared.delete(prepared.keys().next().value!);
    return found;
  }

  async function look(
    embedding: ImageEmbedding,
    prompts: PackedPrompts,
    [centreX, centreY]: readonly [x: number, y: number],
  ): Promise<WindowMasks> {
    const session = await fovealSession!.open();
    const { inputs, ...place } = foveal!.place(centreX, centreY);
    const feeds: NamedTensors = {
      ...(await prepareOnce(embedding)),
      ...promptFeeds(prompts, 0, prompts.batch),
      ...inputs,
    };
    const decoded = valuesOf(await session.run(pick(feeds, session.inputNames)));
    return {
      masks: decoded.masks,
      iouPredictions: decoded.iouPredictions,
      logits: decoded.lowResLogits,
      ...place,
    };
  }

  return {
    async decode(embedding, prompts, masks, { signal } = {}) {
      checkSizes(prompts, model);
      const { ragged, maskInput, extraTokens } = prompts;
      const options = {
        masks,
        ragged,
        maskInput: maskInput !== undefined,
        extraTokens: extraTokens !== undefined,
      };
      const session = await variant(options).open();
      const shared = await prepareOnce(embedding);
      const { batch } = prompts;
      let joined: JoinedMasks | undefined;
      for (let start = 0; start < batch; start += maxBatch) {
        throwIfAborted(signal);
        const end = Math.min(start + maxBatch, batch);
        const feeds = { ...shared, ...promptFeeds(prompts, start, end) };
        const part = await session.run(pick(feeds, session.inputNames));
        if (end - start === batch) return { batch, ...valuesOf(part) };
        joined ??= joinedMasks(part, end, batch);
        joined.put(part, start);
      }
      return { batch, ...joined!.values };
    },
    closeLook: foveal && fovealSession && { windowPx: foveal.windowPx, look },
    async close() {
      prepared.clear();
      await fovealSession?.close();
      await preparation?.close();
      for (const session of variants.values()) await session.close();
    },
  };
}

/** What ONNX Runtime would refuse without saying why. */
function checkSizes(
  { batch, maskInput, extraTokens }: PackedPrompts,
  { maskSide, tokenWidth }: ModelIo,
): void {
  if (maskInput && maskInput.length !== batch * maskSide * maskSide)
    throw new SamError(
      "mask-invalid",
      `A mask input has ${maskInput.length / batch} values; the model takes ${maskSide}x${maskSide} logits.`,
    );
  if (extraTokens && extraTokens.data.length !== batch * extraTokens.count * tokenWidth)
    throw new SamError("prompt-invalid", `Extra tokens must have ${tokenWidth} values each.`);
}

function featureFeeds({ features }: ImageEmbedding): NamedTensors {
  const maps = Object.entries(features);
  return Object.fromEntries(maps.map(([name, map]) => [name, { dtype: "float32" as const, ...map }]));
}

/** What a graph takes, out of all that there is for it. */
export function pick(feeds: NamedTensors, names: readonly string[]): NamedTensors {
  return Object.fromEntries(names.map((name) => [name, feeds[name]!]));
}

function promptFeeds(prompts: PackedPrompts, start: number, end: number): NamedTensors {
  const { batch, tokens, pointCoords, pointLabels, maskInput, hasMaskInput, extraTokens } = prompts;
  const rows = (data: Float32Array, shape: readonly number[]): RunTensor => {
    const size = data.length / batch;
    return {
      dtype: "float32",
      shape: [end - start, ...shape],
      data: data.subarray(start * size, end * size),
    };
  };
  const side = maskInput ? Math.sqrt(maskInput.length / batch) : 0;
  return {
    point_coords: rows(pointCoords, [tokens, 2]),
    point_labels: rows(pointLabels, [tokens]),
    ...(maskInput &&
      hasMaskInput && {
        mask_input: rows(maskInput, [1, side, side]),
        has_mask_input: rows(hasMaskInput, []),
      }),
    ...(extraTokens && {
      extra_tokens: rows(extraTokens.data, [
        extraTokens.count,
        extraTokens.data.length / batch / extraTokens.count,
      ]),
    }),
  };
}

type MaskValues = Omit<DecodedMasks, "batch">;

function valuesOf(part: NamedTensors): MaskValues {
  const iouPredictions = part.iou_predictions!;
  return {
    masks: iouPredictions.shape[1]!,
    iouPredictions: iouPredictions.data as Float32Array,
    lowResLogits: part.low_res_logits!.data as Float32Array,
  };
}

interface JoinedMasks {
  readonly values: MaskValues;
  put(part: NamedTensors, start: number): void;
}

/** Room for all masks of a batch, so that no part is kept beside it. */
function joinedMasks(part: NamedTensors, partBatch: number, batch: number): JoinedMasks {
  const { masks, iouPredictions, lowResLogits } = valuesOf(part);
  const scores = iouPredictions.length / partBatch;
  const logits = lowResLogits.length / partBatch;
  const values = {
    masks,
    iouPredictions: new Float32Array(batch * scores),
    lowResLogits: new Float32Array(batch * logits),
  };
  return {
    values,
    put(next, start) {
      const found = valuesOf(next);
      values.iouPredictions.set(found.iouPredictions, start * scores);
      values.lowResLogits.set(found.lowResLogits, start * logits);
    },
  };
}
