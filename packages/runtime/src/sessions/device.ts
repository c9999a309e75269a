/** All devices that there are, this one first that is always there. */
export const DEVICES = ["cpu", "cuda", "webgpu", "coreml", "dml"] as const;

/** ONNX Runtime's execution providers that models can run on. */
export type Device = (typeof DEVICES)[number];
