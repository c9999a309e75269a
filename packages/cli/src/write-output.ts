import { dirname } from "node:path";
import { makeFolder, writeFileAtomic } from "@segany/runtime/files";

/**
 * Writes a result, whole or not at all; its folder is made where it is missing.
 *
 * @throws SamError `file-unwritable`
 */
export async function writeOutput(path: string, data: Uint8Array | string): Promise<void> {
  await makeFolder(dirname(path));
  await writeFileAtomic(path, data);
}
