/** Child processes that answer calls, on Node; without ONNX Runtime. */
export { type ChildChannel, type ChildOptions, forkChannel } from "./protocol/node-child-channel.js";
export { parentChannel } from "./protocol/node-parent-channel.js";
