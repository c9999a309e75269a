import { mkdir, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { SamError } from "@segany/masks";

/**
 * Makes a folder and those above it where they are missing.
 *
 * @throws SamError `file-unwritable`
 */
export async function makeFolder(path: string): Promise<void> {
  try {
    await makeWithParents(resolve(path));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new SamError(
      "file-unwritable",
      `The folder ${path} cannot be made: ${reason}. Choose another place.`,
      { cause },
    );
  }
}

/** As `mkdir`'s own `recursive`, which never ends in places like /proc that say of a new folder that it isn't there. */
async function makeWithParents(path: string): Promise<void> {
  try {
    await makeOne(path);
  } catch (error) {
    if (codeOf(error) !== "ENOENT" || dirname(path) === path) throw error;
    await makeWithParents(dirname(path));
    await makeOne(path);
  }
}

async function makeOne(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    const isThere = codeOf(error) === "EEXIST" && (await stat(path)).isDirectory();
    if (!isThere) throw error;
  }
}

const codeOf = (error: unknown) => (error as NodeJS.ErrnoException).code;
