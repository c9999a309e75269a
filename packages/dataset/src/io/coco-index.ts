import { stat } from "node:fs/promises";
import { DatasetError } from "../errors.js";
import { parseCocoCategory, parseCocoImage } from "../formats/coco.js";
import { asObject, type RawObject } from "../formats/fields.js";
import { parseJson } from "../formats/parse-json.js";
import type { Category, DatasetImage, JsonObject } from "../record.js";
import { splitJsonFile } from "./json-pieces.js";

/** All of a COCO file but its masks. */
export interface CocoIndex {
  readonly path: string;
  readonly images: readonly DatasetImage[];
  readonly categories: readonly Category[];
  readonly info?: JsonObject;
  readonly licenses?: readonly JsonObject[];
  readonly annotationCount: number;
  /** The bytes of all annotations and regions to ignore. */
  readonly maskBytes: number;
  /** The annotations and regions themselves, where the file is small enough to keep them. */
  readonly masks?: CocoMasks;
}

/** The unparsed annotations and regions to ignore of a file, in its order. */
export interface CocoMasks {
  readonly annotations: readonly RawObject[];
  readonly ignoreRegions: readonly RawObject[];
}

const lists: ReadonlySet<string> = new Set([
  "annotations",
  "categories",
  "ignore_regions",
  "images",
  "licenses",
]);

/** How problems in images and classes are taken: thrown, or noted by a validator. */
export type OnProblem = (error: unknown, piece: { readonly key: string; readonly index: number }) => void;

/**
 * Reads a COCO or LVIS file but for its masks, which are only counted unless the file is small.
 *
 * @param options.keepBelowBytes keep the masks too where the file has fewer bytes
 * @param options.onProblem takes what is wrong with an image or a class, which is then left out; thrown by default
 * @throws DatasetError `json-invalid`, `dataset-invalid`, `annotation-invalid`, `name-unsafe`, `file-unreadable`, `aborted`
 */
export async function readCocoIndex(
  path: string,
  {
    keepBelowBytes,
    onProblem = (error) => {
      throw error;
    },
    signal,
  }: {
    readonly keepBelowBytes: number;
    readonly onProblem?: OnProblem;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<CocoIndex> {
  const keep = ((await stat(path).catch(() => undefined))?.size ?? 0) < keepBelowBytes;
  const images: DatasetImage[] = [];
  const categories: Category[] = [];
  const licenses: JsonObject[] = [];
  const masks = { annotations: [] as RawObject[], ignoreRegions: [] as RawObject[] };
  const counts = { annotation: 0, maskBytes: 0 };
  const keys = new Set<string>();
  let info: JsonObject | undefined;

  const take = (key: string, index: number | undefined, bytes: Uint8Array): void => {
    if (lists.has(key) && index === undefined) {
      throw new DatasetError("dataset-invalid", `"${path}": field "${key}" is not a list.`);
    }
    const where = `"${path}": ${key}${index === undefined ? "" : ` ${index}`}`;
    const parse = (): RawObject => asObject(parseJson(bytes, where), where);
    switch (key) {
      case "annotations":
        counts.annotation++;
        counts.maskBytes += bytes.length;
        if (keep) masks.annotations.push(parse());
        break;
      case "ignore_regions":
        counts.maskBytes += bytes.length;
        if (keep) masks.ignoreRegions.push(parse());
        break;
      case "images":
        images.push(parseCocoImage(parse(), where));
        break;
      case "categories":
        categories.push(parseCocoCategory(parse(), where));
        break;
      case "licenses":
        licenses.push(parse() as JsonObject);
        break;
      case "info":
        info = parse() as JsonObject;
        break;
    }
  };

  await splitJsonFile(path, {
    isSplit: (key) => {
      keys.add(key);
      return lists.has(key);
    },
    onPiece({ key, index, bytes }) {
      try {
        take(key, index, bytes);
      } catch (error) {
        if (index === undefined) throw error;
        onProblem(error, { key, index });
      }
    },
    signal,
  });
  if (!keys.has("images") || !keys.has("annotations")) {
    throw new DatasetError(
      "dataset-invalid",
      `"${path}" has no lists "images" and "annotations"; it is not a COCO file.`,
    );
  }
  return {
    path,
    images,
    categories,
    annotationCount: counts.annotation,
    maskBytes: counts.maskBytes,
    ...(info && { info }),
    ...(licenses.length > 0 && { licenses }),
    ...(keep && { masks }),
  };
}
