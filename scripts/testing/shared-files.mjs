/**
 * For tests: goldens and data sets that lie beside the repository; tests that need them skip where they are
 * missing.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";

const folder = process.env.SEGANY_SHARED ?? join(import.meta.dirname, "../../../shared");

/**
 * Path of a file among the shared ones, from their folder on ("fixtures/vit/vit_test.pth").
 *
 * @param {string} path
 * @returns {string}
 */
export function sharedFile(path) {
  return join(folder, path);
}

/**
 * Whether all of these shared files are there.
 *
 * @param {readonly string[]} paths
 * @returns {boolean}
 */
export function haveSharedFiles(...paths) {
  return paths.every((path) => existsSync(sharedFile(path)));
}
