/** Child processes that answer calls, on Node; without ONNX Runtime. */
export { type HugePages, hugePages } from "./devices/node-huge-pages.js";
export { type ChildChannel, type ChildOptions, forkChannel } from "./protocol/node-child-channel.js";
export { parentChannel } from "./protocol/node-parent-channel.js";
