/** First part of every path with data. A change that is incompatible with old clients needs a new version. */
export const API_VERSION = "v1";

/**
 * Header of every response, with `API_VERSION`. A page can detect by it whether its own host is a Segany
 * server, without a request that fails elsewhere.
 */
export const API_VERSION_HEADER = "x-segany-api";

/** Header of the studio's page; `present` where the server has a data engine's database. */
export const ENGINE_HEADER = "x-segany-engine";
