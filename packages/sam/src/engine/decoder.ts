import type { StateDict } from "../checkpoint/types.js";
import type { ImageEmbedding } from "../embeddings/image-embedding.js";
import { throwIfAborted } from "../errors.js";
import type { Architecture } from "../model/architecture.js";
import type { DecoderOptions } from "../model/decoder-inputs.js";
import { buildDecoderPreparation } from "../model/fast/decoder-preparation.js";
import { buildFastDecoder } from "../model/fast/mask-decoder.js";
import type { MaskTokens, PackedPrompts } from "../model/prompt-batch.js";
import type { RunTensor } from "../platform/types.js";
import { type LazySession, lazySession } from "./lazy-session.js";
import type { SessionOpener } from "./session-opener.js";
import type { DecodedMasks, EngineCallOptions } from "./types.js";

/** More prompts in one run gain no time and cost 80 MB each (docs/performance.md). */
const MAX_BATCH = 16;
/** Images whose preparation is kept: 10 MB each. */
const MAX_PREPARED = 4;

/** Runs the mask decoder in the form that each batch needs. */
export interface Decoder {
  decode(
    embedding: ImageEmbedding,
    prompts: PackedPrompts,
    masks: MaskTokens,
    options?: EngineCallOptions,
  ): Promise<DecodedMasks>;
  close(): Promise<void>;
}

type Tensors = Readonly<Record<string, RunTensor>>;

export function createDecoder(
  architecture: Architecture,
  state: StateDict,
  openSession: SessionOpener,
): Decoder {
  const preparation = lazySession(() =>
    openSession(buildDecoderPreparation(state.tensors, architecture), state.load),
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
    return session.run({
      image_embeddings: { dtype: "float32", shape: embedding.shape, data: embedding.data },
    });
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
      const parts: Tensors[] = [];
      for (let start = 0; start < prompts.batch; start += MAX_BATCH) {
        throwIfAborted(signal);
        const feeds = {
          ...shared,
          ...promptFeeds(prompts, start, Math.min(start + MAX_BATCH, prompts.batch)),
        };
        parts.push(await session.run(pick(feeds, session.inputNames)));
      }
      return joinParts(parts, prompts.batch);
    },
    async close() {
      prepared.clear();
      await preparation.close();
      for (const session of variants.values()) await session.close();
    },
  };
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

function joinParts(parts: readonly Tensors[], batch: number): DecodedMasks {
  const iouPredictions = join(parts.map((part) => part.iou_predictions!.data as Float32Array));
  const lowResLogits = join(parts.map((part) => part.low_res_logits!.data as Float32Array));
  return { batch, masks: iouPredictions.length / batch, iouPredictions, lowResLogits };
}

function join(arrays: readonly Float32Array[]): Float32Array {
  if (arrays.length === 1) return arrays[0]!;
  const joined = new Float32Array(arrays.reduce((total, array) => total + array.length, 0));
  let offset = 0;
  for (const array of arrays) {
    joined.set(array, offset);
    offset += array.length;
  }
  return joined;
}
