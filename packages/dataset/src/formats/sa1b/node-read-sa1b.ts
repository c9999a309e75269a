import { open } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { DatasetError, throwIfAborted } from "../../errors.js";
import { isFile, isFolder } from "../../files/files.js";
import { parseJson } from "../../json/parse-json.js";
import type { Dataset, DatasetRecord, RecordsOptions } from "../../record.js";
import { type OnProblem, setAside } from "../../set-aside.js";
import type { ReadOptions } from "../format.js";
import { findImage, listFolder, readSa1bPairs, type Sa1bPair } from "./node-sa1b-sources.js";
import { parseSa1b } from "./sa1b.js";

/**
 * Opens an SA-1B set: a shard (`sa_000000.tar`), or a folder of shards or of JSON files with their images. Nothing is read until
 * `records` is called; then one image's masks are in memory at a time, and images stay in their files.
 *
 * @throws DatasetError `dataset-not-found`
 *
 * @example
 * await writeSa1b(dataset, "read-sa1b", { images: "none" });
 * const sa1b = await readSa1b("read-sa1b");
 * console.log(sa1b.format); // sa1b
 */
export async function readSa1b(path: string, { signal: readSignal }: ReadOptions = {}): Promise<Dataset> {
  if (!(await isFile(path)) && !(await isFolder(path))) {
    throw new DatasetError("dataset-not-found", `There is nothing at "${path}".`);
  }
  return {
    name: basename(resolve(path)),
    format: "sa1b",
    categories: [],
    records: (options = {}) => recordsOf(path, { signal: readSignal, ...options }),
  };
}

async function* recordsOf(
  path: string,
  { signal, onProgress, onProblem }: RecordsOptions,
): AsyncIterable<DatasetRecord> {
  let images = 0;
  let annotations = 0;
  for await (const pair of readSa1bPairs(path, { signal })) {
    throwIfAborted(signal);
    // An image without masks in a folder of pairs has neither id nor size; the validator tells of it.
    if (!pair.json) continue;
    const { label } = pair.json;
    const record = await recordOf(pair, onProblem).catch((error: unknown) =>
      setAside(error, `"${label}"`, onProblem),
    );
    if (!record) continue;
    yield record;
    images++;
    annotations += record.annotations.length;
    onProgress?.({ images, annotations });
  }
}

async function recordOf(pair: Sa1bPair, onProblem: OnProblem | undefined): Promise<DatasetRecord> {
  const { label, read } = pair.json!;
  const record = parseSa1b(parseJson(await read(), `"${label}"`), `"${label}"`, onProblem);
  const image = await findImage(pair, record.image.fileName);
  return image ? { ...record, image: { ...record.image, open: image.read } } : record;
}

/** How many JSON files are looked into before a folder is given up. */
const triedFiles = 20;

/** Whether there are shards at the path or JSON files of SA-1B's form, there or in the folders in it. */
export async function looksLikeSa1b(path: string): Promise<boolean> {
  if (await isFile(path)) return /\.tar$/i.test(path) || (/\.json$/i.test(path) && beginsLikeSa1b(path));
  if (!(await isFolder(path))) return false;
  const { files, folders } = await listFolder(path);
  if (await hasSa1bFiles(path, files)) return true;
  for (const folder of folders.slice(0, triedFiles)) {
    const inner = join(path, folder);
    if (await hasSa1bFiles(inner, (await listFolder(inner)).files)) return true;
  }
  return false;
}

async function hasSa1bFiles(folder: string, files: readonly string[]): Promise<boolean> {
  // A damaged shard is a shard too, so its name will do.
  if (files.some((name) => /\.tar$/i.test(name))) return true;
  const jsonFiles = files.filter((name) => /\.json$/i.test(name)).slice(0, triedFiles);
  for (const name of jsonFiles) if (await beginsLikeSa1b(join(folder, name))) return true;
  return false;
}

const headBytes = 4096;

async function beginsLikeSa1b(path: string): Promise<boolean> {
  const handle = await open(path).catch(() => undefined);
  if (!handle) return false;
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(headBytes), 0, headBytes, 0);
    const head = buffer.toString("latin1", 0, bytesRead);
    return (
      /^\s*\{\s*"image"\s*:\s*\{/.test(head) || /^\s*\{\s*"annotations"[\s\S]*"predicted_iou"/.test(head)
    );
  } catch {
    return false;
  } finally {
    await handle.close();
  }
}
