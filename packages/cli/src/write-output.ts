import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { SamError, writeFileAtomic } from "@segany/sam";

/**
 * Writes a result, whole or not at all; its folder is made where it is missing.
 *
 * @throws SamError `file-unwritable`
 */
export async function writeOutput(path: string, data: Uint8Array | string): Promise<void> {
  await makeFolder(dirname(path));
  await writeFileAtomic(path, data);
}

/** Makes a folder and those above it. */
export async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
  } catch (error) {
    throw new SamError(
      "file-unwritable",
      `The folder ${path} cannot be made: ${(error as Error).message}. Choose another place.`,
      { cause: error },
    );
  }
}
