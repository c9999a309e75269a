import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/**
 * Folder of the studio's built files, if its package is installed.
 *
 * @example
 * const folder = studioDirectory();
 * console.log(folder === undefined ? "API only" : "with the studio");
 */
export function studioDirectory(): string | undefined {
  try {
    const manifest = createRequire(import.meta.url).resolve("@segany/studio/package.json");
    return join(dirname(manifest), "dist");
  } catch {
    return undefined; // a server without the page
  }
}
