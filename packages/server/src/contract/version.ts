/** First part of every path that holds data. A change that old clients can't understand takes a new one. */
export const API_VERSION = "v1";
