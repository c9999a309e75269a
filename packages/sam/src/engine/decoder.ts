import type { StateDict } from "@segany/graph/weights";
import { throwIfAborted } from "@segany/masks";
import {
  type CallOptions,
  type LazySession,
  lazySession,
  type RunTensor,
  type SessionOpener,
} from "@segany/runtime";
import type { ImageEmbedding } from "../embeddings/image-embedding.js";
import { type Architecture, embeddingSide } from "../families/sam/architecture.js";
import type { DecoderOptions } from "../families/sam/decoder-inputs.js";
import { buildDecoderPreparation } from "../families/sam/fast/decoder-preparation.js";
import { fovealCells } from "../families/sam/fast/foveal-cells.js";
import { buildFovealDecoder } from "../families/sam/fast/foveal-decoder.js";
import { buildFastDecoder } from "../families/sam/fast/mask-decoder.js";
import type { DecodedMasks, WindowMasks } from "../model/decoded-masks.js";
import type { MaskTokens, PackedPrompts } from "../model/prompt-batch.js";

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
  /**
   * Decodes points of one place with close attention to a window of the image alone; see `buildFovealDecoder`.
   *
   * @param prompts one point each, at most {@link MAX_BATCH}
   * @param centre where the window should be, pixels of the model's frame
   */
  look(
    embedding: ImageEmbedding,
    prompts: PackedPrompts,
    centre: readonly [x: number, y: number],
  ): Promise<WindowMasks>;
  close(): Promise<void>;
}

/** Side of the foveal decoder's window, cells of the embedding: 1/16 of a published model's image. */
const WINDOW_CELLS = 16;

type Tensors = Readonly<Record<string, RunTensor>>;

export function createDecoder(
  architecture: Architecture,
  state: StateDict,
  openSession: SessionOpener,
  maxBatch = MAX_BATCH,
): Decoder {
  const preparation = lazySession(() =>
    openSession(buildDecoderPreparation(state.tensors, architecture), state.load),
  );
  const side = embeddingSide(architecture.encoder);
  const window = Math.min(WINDOW_CELLS, side);
  const foveal = lazySession(() =>
    openSession(buildFovealDecoder(state.tensors, architecture, window), state.load),
  );
  const variants = new Map<string, LazySession>();
  const prepared = new Map<ImageEmbedding, Promise<Tensors>>();

  function variant(options: DecoderOptions): LazySession {
    const key = JSON.stringify(options);
    const session =
      variants.get(key) ??
      lazySession(() => openSession(buildFastDecoder(state.tensors, architecture, options), state.load));
    variants.set(key, session);
    return session;
  }

  async function prepare(embedding: ImageEmbedding): Promise<Tensors> {
    const session = await preparation.open();
    return session.run(pick(featureFeeds(embedding), session.inputNames));
  }

  /** What all prompts on one image share is computed once; the least recently used image goes first. */
  function prepareOnce(embedding: ImageEmbedding): Promise<Tensors> {
    const found = prepared.get(embedding) ?? prepare(embedding);
    prepared.delete(embedding);
    prepared.set(embedding, found);
    found.catch(() => prepared.delete(embedding));
    if (prepared.size > MAX_PREPARED) prepared.delete(prepared.keys().next().value!);
    return found;
  }

  return {
    async decode(embedding, prompts, masks, { signal } = {}) {
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
    async look(embedding, prompts, [centreX, centreY]) {
      const session = await foveal.open();
      const cellPx = architecture.encoder.imageSize / side;
      const { cells, x, y } = fovealCells(side, window, centreX / cellPx, centreY / cellPx);
      const feeds: Tensors = {
        ...(await prepareOnce(embedding)),
        ...promptFeeds(prompts, 0, prompts.batch),
        cells: { dtype: "int64", shape: [cells.length], data: BigInt64Array.from(cells, BigInt) },
      };
      const { masks, iouPredictions, lowResLogits } = valuesOf(
        await session.run(pick(feeds, session.inputNames)),
      );
      return { masks, iouPredictions, logits: lowResLogits, side: 4 * window, x: 4 * x, y: 4 * y };
    },
    async close() {
      prepared.clear();
      await foveal.close();
      await preparation.close();
      for (const session of variants.values()) await session.close();
    },
  };
}

function featureFeeds({ features }: ImageEmbedding): Tensors {
  const maps = Object.entries(features);
  return Object.fromEntries(maps.map(([name, map]) => [name, { dtype: "float32" as const, ...map }]));
}

function pick(feeds: Tensors, names: readonly string[]): Tensors {
  return Object.fromEntries(names.map((name) => [name, feeds[name]!]));
}

function promptFeeds(prompts: PackedPrompts, start: number, end: number): Tensors {
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

function valuesOf(part: Tensors): MaskValues {
  const iouPredictions = part.iou_predictions!;
  return {
    masks: iouPredictions.shape[1]!,
    iouPredictions: iouPredictions.data as Float32Array,
    lowResLogits: part.low_res_logits!.data as Float32Array,
  };
}

interface JoinedMasks {
  readonly values: MaskValues;
  put(part: Tensors, start: number): void;
}

/** Room for all masks of a batch, so that no part is kept beside it. */
function joinedMasks(part: Tensors, partBatch: number, batch: number): JoinedMasks {
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
