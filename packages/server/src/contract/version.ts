/** First part of every path that holds data. A change that old clients can't understand takes a new one. */
export const API_VERSION = "v1";

/** Header of every answer, with `API_VERSION`. So a page learns whether its own host is a Segany server without asking for what others lack. */
export const API_VERSION_HEADER = "x-segany-api";
