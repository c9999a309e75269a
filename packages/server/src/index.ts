/** Segment Anything over HTTP. */

export { API_VERSION } from "./contract/version.js";
