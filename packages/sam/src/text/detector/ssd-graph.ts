/**
 * SSDLite with MobileNetV2 as a graph (Sandler et al., "MobileNetV2", arXiv 1801.04381, section 6.2; Liu et
 * al., "SSD", arXiv 1512.02325), under the names of TensorFlow's object detection API.
 */
import {
  createGraphBuilder,
  type Graph,
  type GraphBuilder,
  type Value,
  type WeightShapes,
} from "@segany/graph";
import { add, clip, concat, reshape, sigmoid, slice, transpose } from "@segany/graph/ops";
import { decodeBoxes } from "./ssd-boxes.js";
import { batchNorm, convolution, foldedDepthwise } from "./ssd-layers.js";

/** Side of the square input, pixels. */
export const SSD_SIDE = 300;

/** Outputs of the graph for each anchor. */
export const SSD_CLASSES = 90;

const NET = "FeatureExtractor/MobilenetV2";

/** Strides of the inverted residual blocks, `expanded_conv` to `expanded_conv_16`. */
const STRIDES = [1, 2, 1, 2, 1, 1, 2, 1, 1, 1, 1, 1, 1, 2, 1, 1, 1];

/** The block whose expansion, at 1/16 of the input's side, is the first map that boxes are predicted from. */
const FIRST_MAP = 13;

/**
 * The layers after MobileNet, each of half the side: a 1x1 convolution, then one of stride 2 in two parts.
 */
const EXTRA = [
  ["layer_19_1_Conv2d_2_1x1_256", "layer_19_2_Conv2d_2_3x3_s2_512"],
  ["layer_19_1_Conv2d_3_1x1_128", "layer_19_2_Conv2d_3_3x3_s2_256"],
  ["layer_19_1_Conv2d_4_1x1_128", "layer_19_2_Conv2d_4_3x3_s2_256"],
  ["layer_19_1_Conv2d_5_1x1_64", "layer_19_2_Conv2d_5_3x3_s2_128"],
] as const;

/**
 * Input `image`: 1x3x300x300 from -1 to 1, see `ssdPixels`. Outputs, for N anchors (1917): `boxes` Nx4,
 * (y0, x0, y1, x1) as shares of the image's sides, which may lie a little outside; `scores` Nx90,
 * probabilities of COCO's category ids 1 to 90, each for itself.
 *
 * @throws SamError `checkpoint-invalid` for a missing tensor, `graph-invalid` for one that does not fit
 */
export function ssdGraph(weights: WeightShapes): Graph {
  const g = createGraphBuilder("ssd_mobilenet_v2", weights);
  const image = g.input("image", "float32", [1, 3, SSD_SIDE, SSD_SIDE]);
  const predicted = featureMaps(g, image).map((map, i) => predict(g, map, `BoxPredictor_${i}`));
  const encoded = concat(
    g,
    predicted.map(({ boxes }) => boxes),
    0,
  ); // Nx4
  const logits = concat(
    g,
    predicted.map(({ classes }) => classes),
    0,
  ); // Nx91, the first of the background
  g.output("boxes", decodeBoxes(g, encoded));
  g.output("scores", sigmoid(g, slice(g, logits, 1, 1, SSD_CLASSES + 1)));
  return g.finish();
}

const relu6 = (g: GraphBuilder, x: Value): Value => clip(g, x, 0, 6);

/** The maps that boxes are predicted from, of sides 19, 10, 5, 3, 2 and 1. */
function featureMaps(g: GraphBuilder, image: Value): Value[] {
  const maps: Value[] = [];
  let x = relu6(g, folded(g, image, `${NET}/Conv`, 2)); // 1x32x150x150
  STRIDES.forEach((stride, i) => {
    const prefix = `${NET}/expanded_conv${i === 0 ? "" : `_${i}`}`;
    const hidden = i === 0 ? x : relu6(g, folded(g, x, `${prefix}/expand`));
    if (i === FIRST_MAP) maps.push(hidden);
    const spread = relu6(g, foldedDepthwise(g, hidden, `${prefix}/depthwise`, stride));
    const projected = folded(g, spread, `${prefix}/project`);
    const isResidual = stride === 1 && projected.shape[1] === x.shape[1];
    x = isResidual ? add(g, x, projected) : projected;
  });
  x = relu6(g, folded(g, x, `${NET}/Conv_1`));
  maps.push(x);
  for (const [narrow, wide] of EXTRA) {
    const narrowed = relu6(g, folded(g, x, `${NET}/${narrow}`));
    x = relu6(g, foldedDepthwise(g, narrowed, `${NET}/${wide}_depthwise`, 2));
    x = relu6(g, folded(g, x, `${NET}/${wide}`));
    maps.push(x);
  }
  return maps;
}

/** A convolution whose batch normalisation is in its weights, but for the bias. */
function folded(g: GraphBuilder, x: Value, prefix: string, stride = 1): Value {
  const bias = g.weight(`${prefix}/BatchNorm/batchnorm/sub`);
  return convolution(g, x, g.weight(`${prefix}/Conv2D/merged_input`), bias, { stride });
}

/** Boxes and classes of one map, with 3 or 6 anchors at each place. */
function predict(
  g: GraphBuilder,
  map: Value,
  prefix: string,
): { readonly boxes: Value; readonly classes: Value } {
  const head = (name: string, values: number) => {
    const spread = relu6(
      g,
      batchNorm(g, depthwise(g, map, `${prefix}/${name}_depthwise`), `${prefix}/${name}_depthwise`),
    );
    const kernel = g.weight(`${prefix}/${name}/weights`);
    const out = convolution(g, spread, kernel, g.weight(`${prefix}/${name}/biases`)); // 1x(A·values)xHxW
    const [, channels, height, width] = out.shape as readonly [number, number, number, number];
    return reshape(g, transpose(g, out, [0, 2, 3, 1]), [(height * width * channels) / values, values]);
  };
  return { boxes: head("BoxEncodingPredictor", 4), classes: head("ClassPredictor", SSD_CLASSES + 1) };
}

function depthwise(g: GraphBuilder, x: Value, prefix: string): Value {
  const kernel = g.weight(`${prefix}/depthwise_weights`);
  return convolution(g, x, kernel, undefined, { groups: kernel.shape[0] as number });
}
