/** For tests: both forms of the decoder on packed prompts. */
import type { Graph, WeightLoader, WeightShapes } from "@segany/graph";
import { writeModel } from "@segany/graph/onnx";
import type { RunTensor, Session } from "@segany/runtime";
import { createNodeSession } from "@segany/runtime/node";
import { floats } from "../../../runtime/src/testing/run-graph.js";
import { type Architecture, embeddingSide } from "../families/sam/architecture.js";
import { buildDecoder } from "../families/sam/decoder-graph.js";
import { buildDecoderPreparation } from "../families/sam/fast/decoder-preparation.js";
import { buildFastDecoder } from "../families/sam/fast/mask-decoder.js";
import type { DecoderOptions } from "../model/graph-options.js";
import type { PackedPrompts } from "../model/prompt-batch.js";

/** What a decoder is built from. */
export interface DecoderSource {
  readonly shapes: WeightShapes;
  readonly load: WeightLoader;
  readonly architecture: Architecture;
}

/** A decoder's answer. */
export interface Decoded {
  readonly iouPredictions: Float32Array;
  readonly lowResLogits: Float32Array;
  readonly shape: readonly number[];
}

/** Opens sessions once and runs either form; `close` when done. */
export interface DecoderRunner {
  run(
    form: "plain" | "fast",
    options: DecoderOptions,
    embedding: Float32Array,
    prompts: PackedPrompts,
  ): Promise<Decoded>;
  close(): Promise<void>;
}

/** A runner over one set of weights. */
export function createDecoderRunner({ shapes, load, architecture }: DecoderSource): DecoderRunner {
  const sessions = new Map<string, Promise<Session>>();
  const side = embeddingSide(architecture.encoder);
  const channels = architecture.decoder.transformerDim;
  const open = (key: string, build: () => Graph): Promise<Session> => {
    const session = sessions.get(key) ?? openSession(build(), load);
    sessions.set(key, session);
    return session;
  };

  return {
    async run(form, options, embedding, prompts) {
      const embeddings = { image_embeddings: floats(embedding, [1, channels, side, side]) };
      const prepare = async () =>
        (await open("preparation", () => buildDecoderPreparation(shapes, architecture))).run(embeddings);
      const image: Readonly<Record<string, RunTensor>> = form === "plain" ? embeddings : await prepare();
      const build = form === "plain" ? buildDecoder : buildFastDecoder;
      const key = `${form} ${JSON.stringify(options)}`;
      const session = await open(key, () => build(shapes, architecture, options));
      const all = { ...image, ...promptFeeds(prompts, options, 4 * side, channels) };
      const feeds = Object.fromEntries(session.inputNames.map((name) => [name, all[name]!]));
      const { iou_predictions: iou, low_res_logits: logits } = await session.run(feeds);
      return {
        iouPredictions: iou!.data as Float32Array,
        lowResLogits: logits!.data as Float32Array,
        shape: logits!.shape,
      };
    },
    async close() {
      for (const session of sessions.values()) await (await session).close();
    },
  };
}

async function openSession(graph: Graph, load: WeightLoader): Promise<Session> {
  return createNodeSession(await writeModel(graph, load), { threads: 1 });
}

/** The prompts as a decoder's inputs; where it takes masks and there is none, empty ones. */
export function promptFeeds(
  { batch, tokens, extraTokens, ...packed }: PackedPrompts,
  options: DecoderOptions,
  maskSide: number,
  channels: number,
): Record<string, RunTensor> {
  const maskInput = packed.maskInput ?? new Float32Array(batch * maskSide * maskSide);
  return {
    point_coords: floats(packed.pointCoords, [batch, tokens, 2]),
    point_labels: floats(packed.pointLabels, [batch, tokens]),
    ...(options.maskInput && {
      mask_input: floats(maskInput, [batch, 1, maskSide, maskSide]),
      has_mask_input: floats(packed.hasMaskInput ?? new Float32Array(batch), [batch]),
    }),
    ...(extraTokens && { extra_tokens: floats(extraTokens.data, [batch, extraTokens.count, channels]) }),
  };
}
