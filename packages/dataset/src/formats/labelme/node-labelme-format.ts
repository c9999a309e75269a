import { open } from "node:fs/promises";
import { join, posix } from "node:path";
import { DatasetError, throwIfAborted } from "../../errors.js";
import { isFile, readBytes } from "../../files/files.js";
import { findFile, imageSizeOf, listFiles } from "../../files/folder-files.js";
import { asObject, type RawObject, readSize, readText } from "../../json/fields.js";
import { parseJson } from "../../json/parse-json.js";
import { encodeLabelPng } from "../../masks/encode-label-png.js";
import { decodeLabelPng } from "../../masks/node-decode-label-png.js";
import { baseNameOf, checkFileName } from "../../names/file-names.js";
import type { Dataset, DatasetRecord } from "../../record.js";
import { type OnProblem, setAside } from "../../set-aside.js";
import { categoriesOfNames } from "../class-list.js";
import type { DatasetFormat, ReadOptions } from "../format.js";
import { perImageDataset } from "../node-per-image-dataset.js";
import { writesFolders } from "../node-write-folder.js";
import { labelmeHolds, labelsOf, type MaskPngs, parseLabelmeShapes } from "./labelme.js";
import { createLabelmeWriter, labelsFile } from "./write-labelme.js";

const pngs: MaskPngs = {
  decode: (base64, where) => decodeLabelPng(Buffer.from(base64, "base64"), where),
  encode: (map) => Buffer.from(encodeLabelPng(map, "grey")).toString("base64"),
};

const labelmeWriter = createLabelmeWriter(pngs);

/**
 * LabelMe: `x.json` beside each image `x.jpg`. Classes are the labels that occur, those of `labels.txt` first.
 */
export const labelmeFormat: DatasetFormat = {
  name: "labelme",
  title: "LabelMe: a JSON with polygons and masks beside each image",
  holds: labelmeHolds,
  detect,
  read,
  ...writesFolders(labelmeWriter),
};

/** LabelMe writes its key `shapes` early. */
const headBytes = 65_536;

async function detect(path: string): Promise<boolean> {
  const first = await findFile(path, isJson);
  if (first === undefined) return false;
  const handle = await open(first).catch(() => undefined);
  if (!handle) return false;
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(headBytes), 0, headBytes, 0);
    return /"shapes"\s*:\s*\[/.test(buffer.toString("utf8", 0, bytesRead));
  } catch {
    return false;
  } finally {
    await handle.close();
  }
}

function isJson(name: string): boolean {
  return /\.json$/i.test(name);
}

async function read(path: string, { signal, images, onProblem }: ReadOptions = {}): Promise<Dataset> {
  const entries = await listFiles(path, isJson);
  if (entries.length === 0)
    throw new DatasetError(
      "dataset-not-found",
      `There is no JSON file in "${path}", so there are no shapes to read.`,
    );
  const labels = await collectLabels(path, entries, signal, onProblem);
  const categoryIds = new Map(labels.map((label, i) => [label, i + 1]));
  return perImageDataset({
    path,
    format: "labelme",
    categories: categoriesOfNames(labels),
    entries,
    signal,
    nameOf: (name) => join(path, name),
    readRecord: (name, id, take) => readLabelmeRecord(path, name, images, categoryIds, id, take),
  });
}

/** One pass over all files, since a data set names its classes before its first image. */
async function collectLabels(
  path: string,
  names: readonly string[],
  signal: AbortSignal | undefined,
  onProblem: OnProblem | undefined,
): Promise<string[]> {
  const found = new Set<string>();
  for (const name of names) {
    throwIfAborted(signal);
    const file = join(path, name);
    try {
      for (const label of labelsOf(asObject(parseJson(await readBytes(file), file), file), file))
        found.add(label);
    } catch (error) {
      setAside(error, file, onProblem);
    }
  }
  const listed = (await isFile(join(path, labelsFile)))
    ? Buffer.from(await readBytes(join(path, labelsFile)))
        .toString("utf8")
        .split(/\r?\n/)
        .filter((line) => line !== "" && !/^_.*_$/.test(line))
    : [];
  for (const label of listed) found.delete(label);
  return [...listed, ...[...found].sort()];
}

async function readLabelmeRecord(
  path: string,
  name: string,
  images: string | undefined,
  categoryIds: ReadonlyMap<string, number>,
  id: number,
  onProblem: OnProblem | undefined,
): Promise<DatasetRecord> {
  const file = join(path, name);
  const raw = asObject(parseJson(await readBytes(file), file), file);
  const fileName = imageNameOf(readText(raw, "imagePath", file), name, images !== undefined, file);
  const imageFile = join(images ?? path, fileName);
  const hasFile = await isFile(imageFile);
  const size =
    raw.imageWidth == null && hasFile
      ? await imageSizeOf(imageFile)
      : readSize({ width: raw.imageWidth, height: raw.imageHeight }, file);
  const openImage = hasFile ? () => readBytes(imageFile) : embeddedImage(raw, file);
  return {
    image: { id, fileName, ...size, ...(openImage && { open: openImage }) },
    annotations: parseLabelmeShapes(raw, size, categoryIds, pngs, file, onProblem),
  };
}

/** The image's name relative to the data set; `imagePath` is relative to its JSON, and on Windows has backslashes. */
function imageNameOf(imagePath: string, jsonName: string, elsewhere: boolean, where: string): string {
  const plain = imagePath.replaceAll("\\", "/");
  const folder = posix.dirname(jsonName);
  // In a folder of images that the user names, they lie as the JSON files do.
  const name = posix.normalize(posix.join(folder, elsewhere ? baseNameOf(plain) : plain));
  if (name.startsWith("../") || posix.isAbsolute(plain)) {
    throw new DatasetError(
      "name-unsafe",
      `${where}: "imagePath" is ${JSON.stringify(imagePath)}, outside of the data set's folder; name the folder of images, or the folder above both.`,
    );
  }
  return checkFileName(name, where);
}

/** The image as it may be in the JSON itself; read again when asked for, so that it isn't kept in memory. */
function embeddedImage(raw: RawObject, file: string): (() => Promise<Uint8Array>) | undefined {
  if (typeof raw.imageData !== "string") return undefined;
  return async () => {
    const again = asObject(parseJson(await readBytes(file), file), file);
    return Buffer.from(readText(again, "imageData", file), "base64");
  };
}
