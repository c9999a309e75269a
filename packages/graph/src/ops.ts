/** Operators of ONNX as functions that add a node to a graph and work out the shape of its result. */
export { attention, dynamicQuantizeMatMul, fusedMatMul, multiHeadAttention } from "./ops/contrib.js";
export {
  batchNormalization,
  type ConvOptions,
  conv2d,
  convTranspose2d,
  resizeBilinear,
} from "./ops/convolution.js";
export {
  add,
  cast,
  cos,
  div,
  equal,
  exp,
  floor,
  gelu,
  greater,
  mul,
  relu,
  sin,
  sub,
} from "./ops/elementwise.js";
export {
  argMax,
  gemm,
  layerNormalization,
  layerNormalizationWithMoments,
  matmul,
  reduceMax,
  reduceSum,
  softmax,
} from "./ops/linear.js";
export {
  concat,
  cropTo,
  expand,
  gather,
  gatherPerRow,
  pad,
  reshape,
  reshapeTo,
  shapeOf,
  slice,
  split,
  squeeze,
  transpose,
  unsqueeze,
} from "./ops/shaping.js";
