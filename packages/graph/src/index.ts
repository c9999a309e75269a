/** ONNX graphs: values with shapes, built node by node; how much work they are. */
export { createGraphBuilder, type GraphBuilder } from "./builder.js";
export type { WeightShapes } from "./constants.js";
export { countWork, type GraphWork } from "./count-work.js";
export { type Extents, elementCount } from "./extents.js";
export type { Precision } from "./precision.js";
export { product } from "./shape.js";
export type { Dim, Graph, GraphDtype, TensorData, Value, WeightLoader } from "./types.js";
