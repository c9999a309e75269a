import { access, constants, lstat, mkdir, stat } from "node:fs/promises";
import { dirname, join, relative, resolve, sep } from "node:path";
import { SamError } from "@segany/masks";
import { type AtomicWriteOptions, writeFileAtomic } from "./node-atomic-write.js";

/**
 * Makes a folder and those above it where they are missing.
 *
 * @throws SamError `file-unwritable`
 *
 * @example
 * await makeFolder("results/masks");
 */
export async function makeFolder(path: string): Promise<void> {
  await making(path, () => makeWithParents(resolve(path)));
}

/**
 * Checks, before long work, that files can be written into a folder, or that the folder can be made. Nothing
 * is made.
 *
 * @throws SamError `file-unwritable`
 *
 * @example
 * await checkWritableFolder("results/of/today"); // none of them is there yet, and none is made
 */
export async function checkWritableFolder(path: string): Promise<void> {
  try {
    const folder = await existingFolder(resolve(path));
    await access(folder, constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw new SamError(
      "file-unwritable",
      `Nothing can be written into the folder ${path}: ${reasonOf(cause)} Choose another place.`,
      { cause },
    );
  }
}

/** The folder, or the nearest above it that is there. */
async function existingFolder(path: string): Promise<string> {
  const stats = await stat(path).catch((error: unknown) => {
    if (codeOf(error) === "ENOENT" && dirname(path) !== path) return undefined;
    throw error;
  });
  if (!stats) return existingFolder(dirname(path));
  if (!stats.isDirectory()) throw Object.assign(new Error(), { code: "ENOTDIR" });
  return path;
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: "permission is missing.",
  EPERM: "permission is missing.",
  EROFS: "its disk is read-only.",
  ENOTDIR: "there is a file of that name in its path.",
};

function reasonOf(error: unknown): string {
  return REASONS[codeOf(error) ?? ""] ?? `${(error as Error).message}.`;
}

/**
 * Makes a folder below an output folder, and that one too where it is missing. The output folder may be a
 * link; a link below it is refused, since what is written would land elsewhere.
 *
 * @throws SamError `file-unwritable`
 *
 * @example
 * await makeFolderInside("results", "results/images/1");
 * console.log((await readFolder("results/images")).folders); // [ '1' ]
 */
export async function makeFolderInside(root: string, path: string): Promise<void> {
  await making(path, async () => {
    await makeWithParents(resolve(root));
    let folder = resolve(root);
    for (const name of partsBelow(folder, resolve(path))) {
      folder = join(folder, name);
      await makeOne(folder);
      if ((await lstat(folder)).isSymbolicLink()) throw new Error(`${folder} is a link to another folder`);
    }
  });
}

/**
 * Writes a file of an output folder, whole or not at all; folders are made where they are missing. Links are
 * not followed: one at the file's place is replaced, one to a folder is refused.
 *
 * @param name relative to the folder
 * @throws SamError `file-unwritable`, `aborted`
 *
 * @example
 * await writeFileInside("report", "images/1.txt", "one image");
 * console.log((await readFolder("report/images")).files); // [ '1.txt' ]
 */
export async function writeFileInside(
  root: string,
  name: string,
  data: Uint8Array | string,
  { signal }: Pick<AtomicWriteOptions, "signal"> = {},
): Promise<void> {
  const path = join(root, name);
  await makeFolderInside(root, dirname(path));
  await writeFileAtomic(path, data, { signal });
}

function partsBelow(root: string, path: string): string[] {
  const below = relative(root, path);
  if (below === "") return [];
  const parts = below.split(sep);
  if (parts[0] === ".." || resolve(below) === below) throw new Error(`it is not inside ${root}`);
  return parts;
}

async function making(path: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new SamError(
      "file-unwritable",
      `The folder ${path} cannot be made: ${reason}. Choose another place.`,
      { cause },
    );
  }
}

/**
 * As `mkdir`'s own `recursive`, which never ends in places like /proc that say of a new folder that it isn't
 * there.
 */
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
