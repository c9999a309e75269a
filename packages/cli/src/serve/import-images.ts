import type { RunningServer } from "@segany/server";
import { createProgress } from "../terminal/progress.js";

/**
 * Copies images into a server's data folder, one after the other. Refused images are reported, and the rest
 * continues.
 */
export async function importImages(
  { importImage }: Pick<RunningServer, "importImage">,
  paths: readonly string[],
  { quiet, signal }: { readonly quiet?: boolean | undefined; readonly signal: AbortSignal },
): Promise<void> {
  const progress = createProgress({ quiet });
  const ids = new Set<string>();
  let refused = 0;
  progress.begin("Importing images", paths.length);
  for (const [done, path] of paths.entries()) {
    if (signal.aborted) break;
    try {
      ids.add(await importImage(path));
    } catch (error) {
      if (signal.aborted) break;
      refused++;
      const { code, message } = error as Error & { code?: string };
      progress.note(`segany: ${path}: ${message}${code ? ` [${code}]` : ""}`);
      if (code === "storage-full") break; // the others would fail for the same reason
    }
    progress.update(done + 1, `${ids.size} images`);
  }
  const rest = refused > 0 ? `; ${refused} refused` : "";
  progress.end(`Imported ${ids.size} images of ${paths.length} files${rest}.`);
}
