import { basename, resolve } from "node:path";
import { DatasetError, throwIfAborted } from "../../errors.js";
import { isFile, isFolder } from "../../files/files.js";
import { createImageFinder, type ImageFinder } from "../../files/image-finder.js";
import type { Sight } from "../../files/sight.js";
import { parseJson } from "../../json/parse-json.js";
import type { Dataset, DatasetRecord, ReadTakers, RecordsOptions } from "../../record.js";
import { setAside } from "../../set-aside.js";
import type { ReadOptions } from "../format.js";
import { findElsewhere, findImage, nameInSet, readSa1bPairs, type Sa1bPair } from "./node-sa1b-sources.js";
import { parseSa1b } from "./sa1b.js";

/**
 * Opens an SA-1B set: a shard (`sa_000000.tar`), or a folder of shards or of JSON files with their images.
 * Nothing is read until `records` is called; then one image's masks are in memory at a time, and images stay
 * in their files.
 *
 * @throws DatasetError `dataset-not-found`
 *
 * @example
 * await writeSa1b(dataset, "read-sa1b", { images: "none" });
 * const sa1b = await readSa1b("read-sa1b");
 * console.log(sa1b.format); // sa1b
 */
export async function readSa1b(
  path: string,
  { signal: readSignal, images, encoding }: ReadOptions = {},
): Promise<Dataset> {
  if (!(await isFile(path)) && !(await isFolder(path))) {
    throw new DatasetError("dataset-not-found", `There is nothing at "${path}".`);
  }
  return {
    name: basename(resolve(path)),
    format: "sa1b",
    categories: [],
    records: (options = {}) =>
      recordsOf(
        path,
        { signal: readSignal, ...options },
        { encoding, finder: images === undefined ? undefined : createImageFinder([images]) },
      ),
  };
}

/** What reading a file needs to know of the set. */
interface Sa1bSource {
  readonly encoding: string | undefined;
  /** Of images in a folder that the user names. */
  readonly finder: ImageFinder | undefined;
}

async function* recordsOf(
  path: string,
  { signal, onProgress, ...takers }: RecordsOptions,
  source: Sa1bSource,
): AsyncIterable<DatasetRecord> {
  let images = 0;
  let annotations = 0;
  for await (const pair of readSa1bPairs(path, { signal })) {
    throwIfAborted(signal);
    // An image without masks in a folder of pairs has neither id nor size.
    if (!pair.json) {
      takers.onLoss?.("unclaimedImages", pair.image!.label);
      continue;
    }
    const { label } = pair.json;
    const record = await recordOf(pair, source, takers).catch((error: unknown) =>
      setAside(error, `"${label}"`, takers.onProblem),
    );
    if (!record) continue;
    yield record;
    images++;
    annotations += record.annotations.length;
    onProgress?.({ images, annotations });
  }
}

async function recordOf(
  pair: Sa1bPair,
  { encoding, finder }: Sa1bSource,
  takers: ReadTakers,
): Promise<DatasetRecord> {
  const { label, folder, read } = pair.json!;
  const record = parseSa1b(parseJson(await read(), `"${label}"`, encoding), `"${label}"`, takers);
  const written = record.image.fileName;
  const fileName = nameInSet(written, folder);
  const elsewhere = finder && (await findElsewhere(finder, written, folder));
  const open = elsewhere?.open ?? (await findImage(pair, written))?.read;
  return { ...record, image: { ...record.image, fileName, ...(open && { open }) } };
}

/** How many JSON files are looked into before a folder is given up. */
const triedFiles = 20;

/** Whether there are shards or JSON files of SA-1B's form, at the path or in the folders in it. */
export async function detectSa1b(sight: Sight): Promise<boolean> {
  // A damaged shard is a shard too, so its name will do.
  if (/\.tar$/i.test(sight.isFile ? sight.path : "")) return true;
  if (sight.isFile) return beginsLikeSa1b(await sight.head());
  const near = sight.files.filter((name) => name.split("/").length <= 2);
  if (near.some((name) => /\.tar$/i.test(name))) return true;
  for (const name of near.filter((name) => /\.json$/i.test(name)).slice(0, triedFiles))
    if (beginsLikeSa1b(await sight.head(name))) return true;
  return false;
}

function beginsLikeSa1b(head: string): boolean {
  return /^\s*\{\s*"image"\s*:\s*\{/.test(head) || /^\s*\{\s*"annotations"[\s\S]*"predicted_iou"/.test(head);
}
