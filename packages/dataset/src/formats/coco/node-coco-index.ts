import { stat } from "node:fs/promises";
import { DatasetError } from "../../errors.js";
import { asObject, type RawObject } from "../../json/fields.js";
import type { JsonPiece } from "../../json/json-splitter.js";
import { parseJsonPiece } from "../../json/parse-json.js";
import type { Category, DatasetImage, JsonObject } from "../../record.js";
import { parseCocoCategory, parseCocoImage } from "./coco.js";
import { splitJsonFile } from "./node-json-pieces.js";

/** All of a COCO file but its masks. */
export interface CocoIndex {
  readonly path: string;
  /** Of the file's text, where the user says that it isn't UTF-8. */
  readonly encoding?: string;
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

/** An entry of `annotations` or `ignore_regions`, and its place in the file for messages. */
export interface CocoEntry {
  readonly raw: RawObject;
  readonly index: number;
}

/** The unparsed annotations and regions to ignore of a file, in its order. */
export interface CocoMasks {
  readonly annotations: readonly CocoEntry[];
  readonly ignoreRegions: readonly CocoEntry[];
}

/** What the lists of images and classes may hold: they stay in memory, unlike the masks. */
const maxListedBytes = 2 ** 29;
const maxListed = 2 ** 22;

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
 * @param options.onProblem takes what is wrong with an image or a class, which is then left out; thrown by
 * default
 * @throws DatasetError `json-invalid`, `dataset-invalid`, `annotation-invalid`, `name-unsafe`,
 * `file-unreadable`, `aborted`
 */
export async function readCocoIndex(
  path: string,
  {
    keepBelowBytes,
    onProblem = (error) => {
      throw error;
    },
    signal,
    encoding,
  }: {
    readonly keepBelowBytes: number;
    readonly encoding?: string | undefined;
    readonly onProblem?: OnProblem;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<CocoIndex> {
  const keep = ((await stat(path).catch(() => undefined))?.size ?? 0) < keepBelowBytes;
  const keys = new Set<string>();
  const collector = createCollector(path, keep, encoding);
  await splitJsonFile(path, {
    isSplit: (key) => {
      keys.add(key);
      return lists.has(key);
    },
    onPiece(piece) {
      try {
        collector.take(piece);
      } catch (error) {
        if (piece.index === undefined || !isOfOneEntry(error)) throw error;
        onProblem(error, { key: piece.key, index: piece.index });
      }
    },
    signal,
    encoding,
  });
  if (keys.has("images") && keys.has("annotations")) return collector.index();
  throw new DatasetError(
    "dataset-invalid",
    `"${path}" has no lists "images" and "annotations"; it is not a COCO file.`,
  );
}

function isOfOneEntry(error: unknown): boolean {
  return !(error instanceof DatasetError && error.code === "dataset-too-large");
}

interface Collector {
  take(piece: JsonPiece): void;
  index(): CocoIndex;
}

function createCollector(path: string, keep: boolean, encoding: string | undefined): Collector {
  const images: DatasetImage[] = [];
  const categories: Category[] = [];
  const licenses: JsonObject[] = [];
  const annotations: CocoEntry[] = [];
  const ignoreRegions: CocoEntry[] = [];
  const masks: Readonly<Record<string, CocoEntry[]>> = { annotations, ignore_regions: ignoreRegions };
  const counts = { annotations: 0, maskBytes: 0, listed: 0, listedBytes: 0 };
  let info: JsonObject | undefined;

  const takeMask = (key: string, index: number, bytes: Uint8Array, parse: () => RawObject): void => {
    counts.maskBytes += bytes.length;
    if (key === "annotations") counts.annotations++;
    if (keep) masks[key]!.push({ raw: parse(), index });
  };
  const takeListed = (key: string, where: string, bytes: Uint8Array, parse: () => RawObject): void => {
    counts.listed++;
    counts.listedBytes += bytes.length;
    checkListed(path, counts.listed, counts.listedBytes);
    if (key === "images") images.push(parseCocoImage(parse(), where));
    else if (key === "categories") categories.push(parseCocoCategory(parse(), where));
    else licenses.push(parse() as JsonObject);
  };
  return {
    take({ key, index, bytes }) {
      const where = `"${path}": ${key}${index === undefined ? "" : ` ${index}`}`;
      const parse = (): RawObject => asObject(parseJsonPiece(bytes, where), where);
      if (index !== undefined && Object.hasOwn(masks, key)) takeMask(key, index, bytes, parse);
      else if (index !== undefined) takeListed(key, where, bytes, parse);
      else if (key === "info") info = parseOptional(bytes, where);
      else if (lists.has(key) && parseJsonPiece(bytes, where) !== null) {
        throw new DatasetError("dataset-invalid", `"${path}": field "${key}" is not a list.`);
      }
    },
    index: () => ({
      path,
      ...(encoding !== undefined && { encoding }),
      images,
      categories,
      annotationCount: counts.annotations,
      maskBytes: counts.maskBytes,
      ...(info && { info }),
      ...(licenses.length > 0 && { licenses }),
      ...(keep && { masks: { annotations, ignoreRegions } }),
    }),
  };
}

/** Files that say nothing about themselves may say it with `null`. */
function parseOptional(bytes: Uint8Array, where: string): JsonObject | undefined {
  const value = parseJsonPiece(bytes, where);
  return value === null ? undefined : (asObject(value, where) as JsonObject);
}

/** Bounds what the lists that stay in memory may hold. */
function checkListed(path: string, entries: number, bytes: number): void {
  if (entries <= maxListed && bytes <= maxListedBytes) return;
  throw new DatasetError(
    "dataset-too-large",
    `"${path}" lists more than ${maxListed} images or ${maxListedBytes} bytes of them; split it into several files.`,
  );
}
