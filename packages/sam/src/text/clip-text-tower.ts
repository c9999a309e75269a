import {
  createGraphBuilder,
  type Graph,
  type GraphBuilder,
  type Value,
  type WeightShapes,
} from "@segany/graph";
import {
  add,
  cast,
  concat,
  cropTo,
  equal,
  gather,
  mul,
  reduceSum,
  shapeOf,
  slice,
  unsqueeze,
} from "@segany/graph/ops";
import { layerNorm } from "../families/sam/layers.js";
import type { ClipArchitecture } from "./clip-architecture.js";
import { blocks, type ClipActivation, project } from "./clip-layers.js";

/**
 * CLIP's text tower as a graph (`CLIP.encode_text` of openai/CLIP).
 *
 * Inputs: `tokens`, int64 BxL, ids up to the end mark and anything after it, with L at most the context;
 * `ends`, int64 B, the place of each end mark. Output `features`: BxE, not normalised. A token attends only
 * to those before it, so what stands after the end mark has no effect.
 *
 * @throws SamError `checkpoint-invalid` for a missing tensor, `graph-invalid` for one that does not fit
 */
export function clipTextTower(
  weights: WeightShapes,
  { text }: ClipArchitecture,
  activation: ClipActivation,
): Graph {
  const g = createGraphBuilder("clip_text", weights);
  g.output("features", clipTextFeatures(g, text, activation));
  return g.finish();
}

/** Features BxE, not normalised, of the inputs `tokens` and `ends`: for graphs that train the tower. */
export function clipTextFeatures(
  g: GraphBuilder,
  text: ClipArchitecture["text"],
  activation: ClipActivation,
): Value {
  const tokens = g.input("tokens", "int64", ["B", "L"]);
  const ends = g.input("ends", "int64", ["B"]);
  const length = slice(g, shapeOf(g, tokens), 0, 1, 2);
  const positions = cropTo(
    g,
    g.weight("positional_embedding"),
    concat(g, [length, g.ints([text.width])], 0),
    ["L", text.width],
  );
  const embedded = add(g, gather(g, g.weight("token_embedding.weight"), tokens, 0), positions); // BxLxW
  const mask = causalMask(g, text.context, length);
  const seen = blocks(g, embedded, "transformer", { ...text, activation, mask });
  const last = layerNorm(g, atEnds(g, seen, ends, { context: text.context, length }), "ln_final");
  return project(g, last, { matrix: "text_projection", linear: "text_projection" });
}

/** The tokens at the end marks, BxW: others times 0 are added, which a gradient can pass. */
function atEnds(
  g: GraphBuilder,
  tokens: Value,
  ends: Value,
  { context, length }: { readonly context: number; readonly length: Value },
): Value {
  const places = cropTo(g, g.ints(Array.from({ length: context }, (_, i) => i)), length, ["L"]);
  const isEnd = cast(g, equal(g, places, unsqueeze(g, ends, [1])), "float32"); // BxL
  return reduceSum(g, mul(g, tokens, unsqueeze(g, isEnd, [2])), [1], false);
}

/** LxL: 0 for a token and those before it, -∞ for those after it. */
function causalMask(g: GraphBuilder, context: number, length: Value): Value {
  const values = new Float32Array(context * context);
  for (let row = 0; row < context; row++)
    values.fill(Number.NEGATIVE_INFINITY, row * context + row + 1, (row + 1) * context);
  const mask = g.constant(values, [context, context]);
  return cropTo(g, mask, concat(g, [length, length], 0), ["L", "L"]);
}
