/** ONNX files: read and written. */
export { type OnnxGraph, type OnnxModel, type OnnxNode, readOnnxModel } from "./onnx/onnx-reader.js";
export { type OnnxTensor, tensorFloats } from "./onnx/onnx-tensor.js";
export { type WeightSink, writeModel, writeModelWithExternalData } from "./onnx/onnx-writer.js";
export { ProtoWriter } from "./onnx/protobuf.js";
