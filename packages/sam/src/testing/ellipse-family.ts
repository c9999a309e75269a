/**
 * For tests: a second family of models that differs from SAM in everything a family may decide. Its input has
 * another size, images are stretched to it, and there are two feature maps; no preparation, no foveal
 * decoder.
 *
 * Its results can be computed by hand. A mask is a disc around each click on the object, in the input's
 * frame, and so an ellipse in the image; and everything bright, which it reads from the finer feature map. A
 * mask prompt, and the sum of the extra tokens, are added to its logits. Its score is read from the coarser
 * map.
 */
import { createGraphBuilder, type Graph, type GraphBuilder, type Value } from "@segany/graph";
import {
  add,
  cast,
  concat,
  conv2d,
  equal,
  mul,
  reduceMax,
  reduceSum,
  reshape,
  slice,
  sub,
} from "@segany/graph/ops";
import type { StateDict } from "@segany/graph/weights";
import { invalidCheckpoint } from "@segany/graph/weights";
import type { DecoderOptions } from "../model/graph-options.js";
import type { ModelFamily, NamedTensors, Tensors } from "../model/model-family.js";

/** Parameters of a network. */
export interface EllipseArchitecture {
  /** Side of the input, pixels; a multiple of 4. */
  readonly side: number;
}

/** Side of the input in these tests. */
export const ELLIPSE_SIDE = 48;
/** Radii of the masks' discs, pixels of the input: the single one first. */
export const ELLIPSE_RADII: readonly number[] = [10, 6, 9, 14];
/** Values of a pixel above this share of white are bright. */
const BRIGHT = 0.6;
/** Logits added for a bright pixel. */
const BRIGHT_LOGITS = 100;
const TOKEN_WIDTH = 5;
const SIDE_KEY = "ellipse_encoder.side";
const GAIN_KEY = "ellipse_decoder.gain";

export const ellipseFamily: ModelFamily<EllipseArchitecture> = {
  name: "ellipse",
  keyRoots: ["ellipse_encoder", "ellipse_decoder"],
  matches: (tensors) => tensors.has(SIDE_KEY),
  infer: (tensors) => ({ name: "ellipse", architecture: { side: tensors.get(SIDE_KEY)!.shape[0]! } }),
  isDecoderKey: (key) => key === GAIN_KEY,
  restore(stored, tensors) {
    const { side } = stored as EllipseArchitecture;
    if (side > 0 && tensors.has(GAIN_KEY)) return { side };
    throw invalidCheckpoint("It holds no ellipses.");
  },
  io: ({ side }) => ({
    imageSide: side,
    fit: "stretch",
    features: { coarse: [1, 3, side / 4, side / 4], fine: [1, 1, side / 2, side / 2] },
    maskSide: side / 2,
    tokenWidth: TOKEN_WIDTH,
  }),
  prepare({ width, height, data }): NamedTensors {
    return {
      pixels: {
        dtype: "float32",
        shape: [1, 3, height, width],
        data: Float32Array.from(data, (value) => value / 255),
      },
    };
  },
  encoder: (tensors, { side }) => buildEncoder(tensors, side),
  decoder: (tensors, { side }, options) => buildDecoder(tensors, side, options),
};

/** Weights of such a network: just enough to be recognised. */
export function ellipseState({ decoderOnly = false } = {}): StateDict {
  const values: Record<string, Float32Array> = {
    ...(!decoderOnly && { [SIDE_KEY]: new Float32Array(ELLIPSE_SIDE).fill(1) }),
    [GAIN_KEY]: Float32Array.of(1),
  };
  return {
    sha256: "e".repeat(64),
    source: "ellipses",
    tensors: new Map(
      Object.entries(values).map(([key, { length }]) => [key, { dtype: "float32", shape: [length] }]),
    ),
    load: async (key) => values[key]!,
    close: async () => undefined,
  };
}

/** Means of blocks: three channels of 4x4 pixels, and all of 2x2 pixels. */
function buildEncoder(tensors: Tensors, side: number): Graph {
  const g = createGraphBuilder("ellipse_encoder", tensors);
  const pixels = g.input("pixels", "float32", [1, 3, side, side]);
  const perChannel = Float32Array.from({ length: 3 * 3 * 16 }, (_, i) =>
    Math.floor(i / 48) === Math.floor((i % 48) / 16) ? 1 / 16 : 0,
  );
  g.output("coarse", conv2d(g, pixels, g.constant(perChannel, [3, 3, 4, 4]), undefined, { stride: 4 }));
  const overAll = new Float32Array(12).fill(1 / 12);
  g.output("fine", conv2d(g, pixels, g.constant(overAll, [1, 3, 2, 2]), undefined, { stride: 2 }));
  return g.finish();
}

function buildDecoder(
  tensors: Tensors,
  side: number,
  { masks, maskInput, extraTokens }: DecoderOptions,
): Graph {
  const g = createGraphBuilder("ellipse_decoder", tensors);
  const maskSide = side / 2;
  const coarse = g.input("coarse", "float32", [1, 3, side / 4, side / 4]);
  const fine = g.input("fine", "float32", [1, 1, maskSide, maskSide]);
  const radii = { single: ELLIPSE_RADII.slice(0, 1), three: ELLIPSE_RADII.slice(1), four: ELLIPSE_RADII }[
    masks
  ];
  const squares = Float32Array.from(radii, (radius) => radius ** 2);
  let logits = add(g, g.constant(squares, [1, radii.length, 1, 1]), nearness(g, maskSide)); // BxMxSxS
  const bright = mul(g, sub(g, fine, g.scalar(BRIGHT)), g.scalar(BRIGHT_LOGITS));
  logits = maximum(g, logits, add(g, bright, mul(g, logits, g.scalar(0))));
  if (maskInput) {
    const rough = g.input("mask_input", "float32", ["B", 1, maskSide, maskSide]);
    const has = reshape(g, g.input("has_mask_input", "float32", ["B"]), ["B", 1, 1, 1]);
    logits = add(g, logits, mul(g, rough, has));
  }
  if (extraTokens) {
    const tokens = g.input("extra_tokens", "float32", ["B", "K", TOKEN_WIDTH]);
    logits = add(g, logits, reshape(g, reduceSum(g, tokens, [1, 2]), ["B", 1, 1, 1]));
  }
  g.output("low_res_logits", mul(g, logits, reshape(g, g.weight(GAIN_KEY), [1, 1, 1, 1])));
  const mean = mul(g, reduceSum(g, coarse, [1, 2, 3], false), g.scalar(1 / (3 * (side / 4) ** 2))); // 1
  const rating = add(g, mul(g, slice(g, logits, 2, 0, 1), g.scalar(0)), reshape(g, mean, [1, 1, 1, 1]));
  const ratings = reshape(g, slice(g, rating, 3, 0, 1), ["B", radii.length]);
  const steps = g.constant(
    Float32Array.from(radii, (_, i) => i / 100),
    [1, radii.length],
  );
  g.output("iou_predictions", add(g, ratings, steps));
  return g.finish();
}

/** Minus the squared distance of each low-resolution pixel to the nearest click on the object: Bx1xSxS. */
function nearness(g: GraphBuilder, maskSide: number): Value {
  const coords = reshape(g, g.input("point_coords", "float32", ["B", "N", 2]), ["B", "N", 1, 2]);
  const labels = reshape(g, g.input("point_labels", "float32", ["B", "N"]), ["B", "N", 1]);
  const centres = Float32Array.from({ length: 2 * maskSide ** 2 }, (_, i) => {
    const pixel = i >> 1;
    return 2 * ((i & 1) === 0 ? pixel % maskSide : Math.floor(pixel / maskSide)) + 1;
  });
  const apart = sub(g, g.constant(centres, [1, 1, maskSide ** 2, 2]), coords); // BxNxSSx2
  const squared = reduceSum(g, mul(g, apart, apart), [3], false); // BxNxSS
  const isOn = cast(g, equal(g, labels, g.scalar(1)), "float32"); // BxNx1
  const far = mul(g, sub(g, g.scalar(1), isOn), g.scalar(-1e6));
  const near = reduceMax(g, sub(g, far, squared), [1], false); // BxSS
  return reshape(g, near, ["B", 1, maskSide, maskSide]);
}

function maximum(g: GraphBuilder, a: Value, b: Value): Value {
  const [x, y] = [a, b].map((each) =>
    reshape(g, each, ["B", Number(a.shape[1]), 1, Number(a.shape[2]) ** 2]),
  );
  const both = reduceMax(g, concat(g, [x!, y!], 2), [2]);
  return reshape(g, both, ["B", Number(a.shape[1]), Number(a.shape[2]), Number(a.shape[3])]);
}
