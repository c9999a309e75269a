import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** Where the studio's built files are, if its package is installed; the server knows it as files only. */
export function studioDirectory(): string | undefined {
  try {
    const manifest = createRequire(import.meta.url).resolve("@segany/studio/package.json");
    return join(dirname(manifest), "dist");
  } catch {
    return undefined; // a server without the page
  }
}
