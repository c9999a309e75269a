/** What is the same on every platform: sessions, channels between processes, downloads. */
export {
  type PublishedFile,
  type RangeAnswer,
  type RangeRequest,
  reasonOf,
  requestRange,
} from "./downloads/request-range.js";
export type { Channel, ServingChannel } from "./protocol/channel.js";
export { type Client, type ClientOptions, createClient } from "./protocol/client.js";
export type { CallOptions, Calls, Method, Methods } from "./protocol/methods.js";
export type { EngineNotice } from "./protocol/notice.js";
export { type ErrorClasses, messageOf } from "./protocol/plain-error.js";
export type { ClientCallOptions } from "./protocol/sender.js";
export {
  type HandlerContext,
  type Handlers,
  type ServeOptions,
  type Serving,
  serve,
} from "./protocol/serve.js";
export { type LazySession, lazySession } from "./sessions/lazy-session.js";
export { wrapSession } from "./sessions/ort-session.js";
export type { SessionOpener } from "./sessions/session-opener.js";
export type { RunTensor, Session } from "./sessions/types.js";
