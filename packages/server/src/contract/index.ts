/** What the server and its clients agree on: schemas of requests, responses and events, and their types. */

export { API_VERSION } from "./version.js";
