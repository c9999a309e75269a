import { DatasetError } from "../errors.js";
import { asObject, type RawObject, readId, show } from "../formats/fields.js";
import { parseJson } from "../formats/parse-json.js";
import type { CocoIndex, CocoMasks } from "./coco-index.js";
import { splitJsonFile } from "./json-pieces.js";
import { createSpill } from "./spill.js";

/** An entry of `annotations` or `ignore_regions`, and its place in the file for messages. */
export interface CocoEntry {
  readonly raw: RawObject;
  readonly index: number;
}

/** All masks of the image with a given place in the index. */
export interface CocoGroup {
  readonly annotations: readonly CocoEntry[];
  readonly ignoreRegions: readonly CocoEntry[];
}

/** Masks that name no image of the file; thrown, or noted by a validator. */
export type OnStray = (error: DatasetError, entry: { readonly key: string; readonly index: number }) => void;

/** Settings of {@link groupByImage}. */
export interface GroupOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onStray?: OnStray;
}

/**
 * Gives the masks of each image, in the order of the images. COCO's files list masks in any order, so those of a file too
 * large to keep are first sorted into temporary files by image, of which one at a time is read back.
 *
 * @throws DatasetError `annotation-invalid` for a mask of no image of the file, `json-invalid`, `file-unreadable`,
 *   `file-unwritable` for a full temporary folder, `aborted`
 */
export async function* groupByImage(index: CocoIndex, options: GroupOptions = {}): AsyncIterable<CocoGroup> {
  const places = new Map(index.images.map(({ id }, place) => [id, place]));
  const onStray = options.onStray ?? throwStray;
  if (index.masks) yield* groupInMemory(index, index.masks, places, onStray);
  else yield* groupOnDisk(index, places, onStray, options.signal);
}

function throwStray(error: DatasetError): never {
  throw error;
}

function* groupInMemory(
  { path, images }: CocoIndex,
  masks: CocoMasks,
  places: ReadonlyMap<number, number>,
  onStray: OnStray,
): Iterable<CocoGroup> {
  const groups = images.map(() => ({ annotations: [] as CocoEntry[], ignoreRegions: [] as CocoEntry[] }));
  const sort = (key: "annotations" | "ignore_regions", list: readonly RawObject[]): void => {
    list.forEach((raw, index) => {
      const place = placeOf(raw, key, index, path, places, onStray);
      if (place === undefined) return;
      const group = groups[place]!;
      (key === "annotations" ? group.annotations : group.ignoreRegions).push({ raw, index });
    });
  };
  sort("annotations", masks.annotations);
  sort("ignore_regions", masks.ignoreRegions);
  yield* groups;
}

function placeOf(
  raw: RawObject,
  key: string,
  index: number,
  path: string,
  places: ReadonlyMap<number, number>,
  onStray: OnStray,
): number | undefined {
  const where = `"${path}": ${key} ${index}`;
  try {
    const id = readId(raw, "image_id", where);
    const place = places.get(id);
    if (place !== undefined) return place;
    throw new DatasetError(
      "annotation-invalid",
      `${where}: field "image_id" is ${show(id)}, which is the id of no image in the file.`,
    );
  } catch (error) {
    onStray(error as DatasetError, { key, index });
    return undefined;
  }
}

async function* groupOnDisk(
  { path, images, maskBytes }: CocoIndex,
  places: ReadonlyMap<number, number>,
  onStray: OnStray,
  signal: AbortSignal | undefined,
): AsyncIterable<CocoGroup> {
  const spill = await createSpill(images.length, maskBytes);
  try {
    await splitJsonFile(path, {
      isSplit: (key) => key === "annotations" || key === "ignore_regions",
      onPiece({ key, index, bytes }) {
        if (index === undefined) return;
        const where = `"${path}": ${key} ${index}`;
        const raw = asObject(parseJson(bytes, where), where);
        const place = placeOf(raw, key, index, path, places, onStray);
        if (place !== undefined) spill.add({ place, isRegion: key === "ignore_regions", index, bytes });
      },
      onChunkEnd: spill.flush,
      signal,
    });
    for await (const entries of spill.read()) {
      const parsed = (isRegion: boolean): CocoEntry[] =>
        entries
          .filter((entry) => entry.isRegion === isRegion)
          .map(({ index, bytes }) => ({ index, raw: parseJson(bytes, `"${path}"`) as RawObject }));
      yield { annotations: parsed(false), ignoreRegions: parsed(true) };
    }
  } finally {
    await spill.remove();
  }
}
