import { createRequire } from "node:module";

/**
 * The version in this package's package.json, found by name: the bundle is in another folder than this file.
 */
export const version: string = createRequire(import.meta.url)("segany/package.json").version;
