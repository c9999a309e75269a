/** Masks from SA-1B's and COCO's files. */

import {
  type Annotation,
  DatasetError,
  parseCocoAnnotation,
  parseCocoCategory,
  parseCocoImage,
  parseEach,
  parseJson,
  parseSa1b,
} from "@segany/dataset/formats";
import { StudioError } from "../errors.js";
import { createImportProblems } from "./import-problems.js";
import type { MaskFile } from "./imported-file.js";

type RawObject = Readonly<Record<string, unknown>>;

/**
 * Reads a file of masks; which of the two it is shows in its fields. A record that can't be used is left out,
 * and said.
 *
 * @throws StudioError `masks-invalid` for no such file, and where there is nothing that can be used
 */
export function importMasks(bytes: Uint8Array, fileName: string): MaskFile {
  try {
    const file = asObject(parseJson(bytes, `"${fileName}"`));
    return Array.isArray(file.images) ? importCoco(file, fileName) : importSa1b(file, fileName);
  } catch (cause) {
    if (cause instanceof StudioError) throw cause;
    if (cause instanceof DatasetError)
      throw new StudioError(
        "masks-invalid",
        `${cause.message} Take JSON of SA-1B, COCO, LabelMe or Label Studio.`,
        {
          cause,
        },
      );
    throw new StudioError(
      "masks-invalid",
      `"${fileName}" is not JSON of SA-1B, COCO, LabelMe or Label Studio: ${(cause as Error).message}.`,
      { cause },
    );
  }
}

function importSa1b(file: RawObject, where: string): MaskFile {
  const problems = createImportProblems();
  const records = [parseSa1b(file, where, problems)];
  return { categories: [], records, remarks: problems.remarksOn(records) };
}

/** What can't be used is left out: an annotation, an image with all of its annotations, a class. */
function importCoco(file: RawObject, where: string): MaskFile {
  const problems = createImportProblems();
  const each = <T>(list: unknown, kind: string, parse: (raw: RawObject, place: string) => T) =>
    parseEach(
      listOf(list),
      (i) => `${where}: ${kind} ${i}`,
      (entry, place) => parse(asObject(entry), place),
      problems.onProblem,
    );
  const categories = each(file.categories, "category", parseCocoCategory);
  const images = each(file.images, "image", parseCocoImage);
  const byId = new Map(images.map((image) => [image.id, { image, annotations: [] as Annotation[] }]));
  each(file.annotations, "annotation", (raw, place) => {
    const record = byId.get(raw.image_id as number);
    if (!record) throw new DatasetError("annotation-invalid", `${place} is of no image in the file.`);
    record.annotations.push(parseCocoAnnotation(raw, record.image, place, problems));
  });
  const records = [...byId.values()];
  return { categories, records, remarks: problems.remarksOn(records) };
}

function listOf(value: unknown): readonly unknown[] {
  if (value === undefined) return [];
  if (Array.isArray(value)) return value;
  throw new TypeError("a list was expected");
}

function asObject(value: unknown): RawObject {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as RawObject;
  throw new TypeError("an object was expected");
}
