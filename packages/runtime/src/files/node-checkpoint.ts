import { createHash } from "node:crypto";
import { readdir, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import {
  type KeyMap,
  maxShardIndexBytes,
  openShardedStateDict,
  openStateDict,
  parseShardIndex,
  type StateDict,
} from "@segany/graph/weights";
import { SamError } from "@segany/masks";
import { type HashedSource, type HashFileOptions, openHashedSource } from "./node-files.js";
import { readFileUpTo } from "./node-read-file.js";

/** How a checkpoint is opened. */
export interface OpenCheckpointOptions extends HashFileOptions {
  readonly mapKeys?: KeyMap | undefined;
}

const INDEX = /\.index\.json$/i;

/** What folders of models call their weights; the first kind that is there is taken. */
const WEIGHTS: readonly RegExp[] = [
  /\.safetensors\.index\.json$/i,
  /\.safetensors$/i,
  /\.bin\.index\.json$/i,
  /\.(?:pth|pt|bin)$/i,
];

/**
 * Opens a checkpoint of any format that is read; see `openStateDict` of `@segany/graph/weights`. Its SHA-256
 * is computed first, or taken from the cache folder.
 *
 * A checkpoint in several files is opened by its index (`model.safetensors.index.json`), which has to lie
 * beside them. A folder is opened by the only index or file of weights in it.
 *
 * @throws SamError `checkpoint-not-found`, `file-unreadable`, `aborted`, and those of `openStateDict`
 *
 * @example
 * import { encodeSafetensors } from "@segany/graph/weights";
 * const tensors = { bias: { shape: [2], data: Float32Array.of(1, 2) } };
 * await writeFileAtomic("tiny.safetensors", encodeSafetensors(tensors));
 * const weights = await openCheckpointFile("tiny.safetensors");
 * console.log(await weights.load("bias")); // Float32Array(2) [ 1, 2 ]
 * await weights.close();
 */
export async function openCheckpointFile(
  path: string,
  { mapKeys, ...options }: OpenCheckpointOptions = {},
): Promise<StateDict> {
  const isFolder = (await stat(path).catch(() => undefined))?.isDirectory() ?? false;
  const file = isFolder ? await weightsInFolder(path) : path;
  if (INDEX.test(file)) return openShards(file, { mapKeys, ...options });
  refuseShard(file);
  const { source, sha256 } = await openHashedSource(file, options);
  return openStateDict(source, { name: file, sha256 }, mapKeys);
}

/** A part of a checkpoint would be refused later, for the first tensor that is in another part. */
function refuseShard(file: string): void {
  const count = Number(/-\d{5}-of-(\d{5})\.\w+$/.exec(file)?.[1] ?? 1);
  if (count === 1) return;
  throw new SamError(
    "checkpoint-invalid",
    `"${file}" is one of ${count} files of a checkpoint. Name its index, such as model.safetensors.index.json, or the folder of both.`,
  );
}

async function weightsInFolder(folder: string): Promise<string> {
  const names = (await readdir(folder).catch((cause: unknown) => refuse(folder, cause))).sort();
  for (const kind of WEIGHTS) {
    const found = names.filter((name) => kind.test(name) && !name.startsWith("."));
    if (found.length === 1) return join(folder, found[0]!);
    if (found.length > 1)
      throw new SamError(
        "checkpoint-not-found",
        `The folder "${folder}" has ${found.length} files of weights (${found.slice(0, 5).join(", ")}${found.length > 5 ? ", …" : ""}). Name the one that is meant; of a checkpoint in several files, its index.`,
      );
  }
  throw new SamError(
    "checkpoint-not-found",
    `The folder "${folder}" has no weights (.safetensors, .pth, .pt, .bin). Name the file.`,
  );
}

function refuse(path: string, cause: unknown): never {
  throw new SamError("file-unreadable", `Cannot read "${path}": ${(cause as Error).message}.`, { cause });
}

async function openShards(path: string, { mapKeys, ...options }: OpenCheckpointOptions): Promise<StateDict> {
  const bytes = await readFileUpTo(path, maxShardIndexBytes);
  const index = await named(path, async () => parseShardIndex(bytes));
  const opened = new Map<string, HashedSource>();
  try {
    for (const name of index.keys())
      opened.set(name, await openHashedSource(join(dirname(path), name), options));
  } catch (error) {
    await Promise.all([...opened.values()].map(({ source }) => source.close()));
    if (!(error instanceof SamError) || error.code !== "checkpoint-not-found") throw error;
    throw new SamError(
      error.code,
      `${error.message.replace(/ Check the path\.$/, "")} ${basename(path)} names ${index.size} files that belong to the checkpoint; get all of them.`,
      { cause: error },
    );
  }
  const hash = createHash("sha256");
  for (const { sha256 } of opened.values()) hash.update(sha256);
  const sources = new Map([...opened].map(([name, { source }]) => [name, source] as const));
  return openShardedStateDict(index, sources, { name: path, sha256: hash.digest("hex") }, mapKeys);
}

async function named<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof SamError)) throw error;
    throw new SamError(error.code, `${path}: ${error.message}`, { cause: error });
  }
}
