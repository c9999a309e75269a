import { DatasetError } from "../../errors.js";
import { asObject, type RawObject, readId, show } from "../../json/fields.js";
import { parseJsonPiece } from "../../json/parse-json.js";
import type { CocoEntry, CocoIndex, CocoMasks } from "./node-coco-index.js";
import { splitJsonFile } from "./node-json-pieces.js";
import { createSpill } from "./node-spill.js";

/** All masks of the image with a given place in the index. */
export interface CocoGroup {
  readonly annotations: readonly CocoEntry[];
  readonly ignoreRegions: readonly CocoEntry[];
}

/** Takes what is wrong with a mask that belongs to no image of the file or is no object. */
export type OnStray = (error: unknown, entry: { readonly key: string; readonly index: number }) => void;

/** Settings of {@link groupByImage}. */
export interface GroupOptions {
  readonly signal?: AbortSignal | undefined;
  /** By default the error is thrown. */
  readonly onStray?: OnStray;
}

/**
 * Gives the masks of each image, in the order of the images. COCO's files list masks in any order, so those
 * of a file too large to keep are first sorted into temporary files by image, of which one at a time is read
 * back.
 *
 * @throws DatasetError `annotation-invalid` for a mask of no image of the file, `json-invalid`,
 * `file-unreadable`, `file-unwritable` for a full temporary folder, `aborted`
 */
export async function* groupByImage(index: CocoIndex, options: GroupOptions = {}): AsyncIterable<CocoGroup> {
  const places = new Map(index.images.map(({ id }, place) => [id, place]));
  const onStray = options.onStray ?? throwStray;
  if (index.masks) yield* groupInMemory(index, index.masks, places, onStray);
  else yield* groupOnDisk(index, places, onStray, options.signal);
}

function throwStray(error: unknown): never {
  throw error;
}

type Key = "annotations" | "ignore_regions";

function* groupInMemory(
  { path, images }: CocoIndex,
  masks: CocoMasks,
  places: ReadonlyMap<number, number>,
  onStray: OnStray,
): Iterable<CocoGroup> {
  const groups = images.map(() => ({ annotations: [] as CocoEntry[], ignoreRegions: [] as CocoEntry[] }));
  const sort = (key: Key, { raw, index }: CocoEntry): void => {
    try {
      const group = groups[placeOf(raw, `"${path}": ${key} ${index}`, places)]!;
      (key === "annotations" ? group.annotations : group.ignoreRegions).push({ raw, index });
    } catch (error) {
      onStray(error, { key, index });
    }
  };
  for (const entry of masks.annotations) sort("annotations", entry);
  for (const entry of masks.ignoreRegions) sort("ignore_regions", entry);
  yield* groups;
}

/** Which image a mask belongs to, counted from 0. */
function placeOf(raw: RawObject, where: string, places: ReadonlyMap<number, number>): number {
  const id = readId(raw, "image_id", where);
  const place = places.get(id);
  if (place !== undefined) return place;
  throw new DatasetError(
    "annotation-invalid",
    `${where}: field "image_id" is ${show(id)}, which is the id of no image in the file.`,
  );
}

async function* groupOnDisk(
  { path, images, maskBytes, encoding }: CocoIndex,
  places: ReadonlyMap<number, number>,
  onStray: OnStray,
  signal: AbortSignal | undefined,
): AsyncIterable<CocoGroup> {
  const spill = await createSpill(images.length, maskBytes);
  const sort = (key: Key, index: number, bytes: Uint8Array): void => {
    const where = `"${path}": ${key} ${index}`;
    try {
      const place = placeOf(asObject(parseJsonPiece(bytes, where), where), where, places);
      spill.add({ place, isRegion: key === "ignore_regions", index, bytes });
    } catch (error) {
      onStray(error, { key, index });
    }
  };
  try {
    await splitJsonFile(path, {
      isSplit: isMaskKey,
      onPiece({ key, index, bytes }) {
        if (index !== undefined && isMaskKey(key)) sort(key, index, bytes);
      },
      onChunkEnd: spill.flush,
      signal,
      encoding,
    });
    for await (const entries of spill.read()) {
      const parsed = (isRegion: boolean): CocoEntry[] =>
        entries
          .filter((entry) => entry.isRegion === isRegion)
          .map(({ index, bytes }) => ({ index, raw: parseJsonPiece(bytes, `"${path}"`) as RawObject }));
      yield { annotations: parsed(false), ignoreRegions: parsed(true) };
    }
  } finally {
    await spill.remove();
  }
}

function isMaskKey(key: string): key is Key {
  return key === "annotations" || key === "ignore_regions";
}
