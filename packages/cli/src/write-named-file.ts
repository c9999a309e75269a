import { dirname } from "node:path";
import { makeFolder, writeFileAtomic } from "@segany/runtime/files";
import { interruption } from "./interruption.js";

/**
 * Writes a file that the user has named, atomically; missing folders are created. A link is followed, and a
 * device or pipe (/dev/stdout) is written to.
 *
 * @throws SamError `file-unwritable`, `aborted`
 */
export async function writeNamedFile(path: string, data: Uint8Array | string): Promise<void> {
  await makeFolder(dirname(path));
  await writeFileAtomic(path, data, { followLink: true, signal: interruption });
}
