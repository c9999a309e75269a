import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { lstat, readdir, readFile, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { makeFolder, makeFolderInside, writeFileAtomic, writeFileInside } from "@segany/runtime/files";
import { DatasetError, throwIfAborted } from "../errors.js";
import type { DatasetOutput } from "../output.js";
import { openFileSink } from "./file-sink.js";
import { unwritable, writing } from "./files.js";

/** The folder that a writer writes into. */
export interface OutputFolder extends DatasetOutput {
  readonly path: string;
  /**
   * Writes a file, whole or not at all, and makes its folder. Links below the output folder are not followed.
   *
   * @param name relative to the folder
   * @returns "kept" when the file was there already with the same bytes (`resume`)
   * @throws DatasetError `output-exists` for other bytes in a folder that no run has left unfinished,
   *   `file-unwritable`, `aborted`
   */
  write(name: string, data: Uint8Array | string): Promise<"written" | "kept">;
  /** Says that all files are there. */
  finish(): Promise<void>;
}

/** How a writer takes its folder. */
export interface OutputFolderOptions {
  /** Go on with what was begun there. */
  readonly resume?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What decides the files of an output beside the data set. */
export type OutputSettings = Readonly<Record<string, string | number | undefined>>;

/** It is in a folder while a run that began it has not finished, and tells what it writes. */
const MARKER = ".segany-unfinished.json";
/** What a run that was killed leaves. */
const LEFT_OVER = /^\.[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.tmp$/;

/**
 * Makes an output folder, or takes an empty one; with `resume`, any. Files of a run that hasn't finished are
 * made anew where they aren't what they should be; elsewhere such files are somebody's, and stay.
 *
 * @param settings none for writers that can't go on with what was begun
 * @throws DatasetError `output-exists`, also for an output that was begun with other settings;
 * `file-unwritable`
 */
export async function openOutputFolder(
  path: string,
  { resume = false, signal }: OutputFolderOptions,
  settings?: OutputSettings,
): Promise<OutputFolder> {
  const entries = await listOrMake(path);
  if (entries.length > 0 && !(resume && settings)) throw notEmpty(path);
  const isOurs = entries.length === 0 || entries.includes(MARKER);
  if (settings && isOurs) {
    const marker = `${JSON.stringify(settings)}\n`;
    if (entries.length > 0) await checkMarker(path, marker);
    else await writing(path, () => writeFileInside(path, MARKER, marker, { signal }));
    for (const name of entries) if (LEFT_OVER.test(name)) await rm(join(path, name), { force: true });
  }
  return folderAt(path, { resume, isOurs, signal });
}

function folderAt(
  path: string,
  { resume, isOurs, signal }: { resume: boolean; isOurs: boolean; signal: AbortSignal | undefined },
): OutputFolder {
  /** Writes a file unless it is there as it should be. */
  async function settle(
    name: string,
    isSame: (file: string) => Promise<boolean>,
    write: (file: string) => Promise<void>,
  ): Promise<"written" | "kept"> {
    throwIfAborted(signal);
    const file = join(path, name);
    return writing(file, async () => {
      await makeFolderInside(path, dirname(file));
      if (resume && (await isThere(file))) {
        if (await isSame(file)) return "kept";
        if (!isOurs) throw otherContent(file);
      }
      await write(file);
      return "written";
    });
  }
  return {
    path,
    write: (name, data) =>
      settle(
        name,
        (file) => holds(file, data),
        (file) => writeFileAtomic(file, data, { signal }),
      ),
    async open(name) {
      const target = join(path, name);
      await writing(target, () => makeFolderInside(path, dirname(target)));
      const sink = await openFileSink(target);
      return {
        ...sink,
        async finish() {
          await sink.flush();
          return settle(name, (file) => areSame(file, sink.temporaryPath), sink.finish);
        },
      };
    },
    async finish() {
      if (isOurs) await rm(join(path, MARKER), { force: true });
    },
  };
}

async function listOrMake(path: string): Promise<string[]> {
  try {
    await makeFolder(path);
    return await readdir(path);
  } catch (cause) {
    throw unwritable(path, cause);
  }
}

async function checkMarker(path: string, expected: string): Promise<void> {
  const found = await readFile(join(path, MARKER), "utf8").catch(() => "");
  if (found === expected) return;
  throw new DatasetError(
    "output-exists",
    `The output in "${path}" was begun with other settings (${found.trim()}, now ${expected.trim()}); choose another folder.`,
  );
}

async function isThere(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => undefined)) !== undefined;
}

/** Whether a file, and not a link to one, has these bytes. */
async function holds(path: string, data: Uint8Array | string): Promise<boolean> {
  const bytes = Buffer.from(data);
  const stats = await lstat(path);
  return stats.isFile() && stats.size === bytes.length && bytes.equals(await readFile(path));
}

async function areSame(first: string, second: string): Promise<boolean> {
  const stats = await lstat(first);
  if (!stats.isFile() || stats.size !== (await lstat(second)).size) return false;
  return (await hashOf(first)) === (await hashOf(second));
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 20 })) hash.update(chunk);
  return hash.digest("hex");
}

function notEmpty(path: string): DatasetError {
  return new DatasetError(
    "output-exists",
    `The folder "${path}" is not empty; choose another, or go on with what was begun there (resume).`,
  );
}

function otherContent(path: string): DatasetError {
  return new DatasetError(
    "output-exists",
    `"${path}" is there and is not what would be written; remove it to have it made anew, or choose another folder.`,
  );
}
