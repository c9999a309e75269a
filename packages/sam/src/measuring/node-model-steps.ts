/** The steps of a model, each runnable separately for measurements and profiles. */

import { countWork, type Extents, type Graph, type Precision } from "@segany/graph";
import type { StateDict } from "@segany/graph/weights";
import { modelPoint } from "@segany/masks";
import type { RunTensor, Session, SessionOpener } from "@segany/runtime";
import { MAX_BATCH } from "../engine/decoder.js";
import { pick } from "../engine/feeds.js";
import { recogniseModel } from "../engine/model-info.js";
import type { PlanarRgbImage } from "../images/resize-bilinear.js";
import { type PackedPrompts, packPrompts } from "../model/prompt-batch.js";

/** Steps: once per image, once per batch of prompts, and for a single prompt. */
export type StepName = "encoder" | "preparation" | "decoder" | "click";

/** One step with its inputs. */
export interface ModelStep {
  readonly name: StepName;
  /** Operations per run. */
  readonly flops: number;
  /** Prompts per run; 0 if a run is for an image. */
  readonly prompts: number;
  run(): Promise<void>;
}

/** All steps of a model, with an image of noise as input. */
export interface ModelSteps {
  readonly steps: readonly ModelStep[];
  close(): Promise<void>;
}

/** How the graphs are built. */
export interface ModelStepOptions {
  readonly precision: Precision;
  readonly threads: number;
}

/**
 * Opens a model's graphs and runs the encoder and the preparation once, so that every step has its inputs.
 */
export async function openModelSteps(
  state: StateDict,
  openSession: SessionOpener,
  { precision, threads }: ModelStepOptions,
): Promise<ModelSteps> {
  const { tensors, load } = state;
  const { model, family } = await recogniseModel(state, undefined, precision, { ignoreUnused: true });
  const { architecture } = model;
  const options = { masks: "three", maskInput: false, ragged: false, extraTokens: false } as const;
  const graphs = {
    encoder: family.encoder(tensors, architecture, { precision, threads }),
    preparation: family.preparation?.(tensors, architecture),
    decoder: family.decoder(tensors, architecture, options),
  };
  const sessions: Session[] = [];
  const open = async (graph: Graph) => {
    const session = await openSession(graph, load);
    sessions.push(session);
    return session;
  };
  const close = async () => {
    for (const session of sessions.splice(0)) await session.close();
  };
  try {
    const encoder = await open(graphs.encoder);
    const preparation = graphs.preparation && (await open(graphs.preparation));
    const decoder = await open(graphs.decoder);
    const image = family.prepare(noiseImage(model.imageSide), architecture);
    const embedding = await encoder.run(pick(image, encoder.inputNames));
    const prepared = preparation && (await preparation.run(pick(embedding, preparation.inputNames)));
    const decoding = (name: StepName, batch: number): ModelStep => {
      const prompts = gridPrompts(model.imageSide, batch);
      const feeds = { ...embedding, ...prepared, ...promptTensors(prompts) };
      const extents = { B: batch, N: prompts.tokens };
      return stepOf(name, graphs.decoder, decoder, feeds, { prompts: batch, extents });
    };
    const steps = [
      stepOf("encoder", graphs.encoder, encoder, image),
      ...(graphs.preparation && preparation
        ? [stepOf("preparation", graphs.preparation, preparation, embedding)]
        : []),
      decoding("decoder", MAX_BATCH),
      decoding("click", 1),
    ];
    return { steps, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function stepOf(
  name: StepName,
  graph: Graph,
  session: Session,
  feeds: Readonly<Record<string, RunTensor>>,
  { prompts = 0, extents = {} }: { readonly prompts?: number; readonly extents?: Extents } = {},
): ModelStep {
  const inputs = pick(feeds, session.inputNames);
  return {
    name,
    flops: countWork(graph, extents).flops,
    prompts,
    async run() {
      await session.run(inputs);
    },
  };
}

/** An image that fills a model's input. */
function noiseImage(side: number): PlanarRgbImage {
  const data = Uint8Array.from({ length: 3 * side * side }, (_, i) => Math.imul(i + 1, 2_654_435_761) >>> 24);
  return { width: side, height: side, data };
}

/** Single points, spread over the frame. */
function gridPrompts(size: number, count: number): PackedPrompts {
  const place = (i: number) =>
    modelPoint([(((i * 37 + 19) % 64) * size) / 64, (((i * 23 + 31) % 64) * size) / 64]);
  const points = Array.from({ length: count }, (_, i) => ({ pointCoords: [place(i)], pointLabels: [1] }));
  return packPrompts(points);
}

function promptTensors({
  batch,
  tokens,
  pointCoords,
  pointLabels,
}: PackedPrompts): Record<string, RunTensor> {
  return {
    point_coords: { dtype: "float32", shape: [batch, tokens, 2], data: pointCoords },
    point_labels: { dtype: "float32", shape: [batch, tokens], data: pointLabels },
  };
}
