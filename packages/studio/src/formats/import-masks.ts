/** Masks from SA-1B's and COCO's files. */

import {
  DatasetError,
  hasMask,
  parseCocoAnnotation,
  parseCocoCategory,
  parseCocoImage,
  parseJson,
  parseSa1b,
} from "@segany/dataset/formats";
import type { Size } from "@segany/masks";
import { StudioError } from "../errors.js";
import type { NewObject } from "../state/edits.js";
import { toObject } from "./from-record.js";

/** The masks of one image of a file. */
export interface ImportedImage extends Size {
  readonly fileName: string;
  readonly objects: readonly NewObject[];
  /** Boxes without a mask: the studio has no such objects. */
  readonly boxes: number;
}

type RawObject = Readonly<Record<string, unknown>>;

/**
 * Reads a file of masks; which of the two it is shows in its fields.
 *
 * @throws StudioError `masks-invalid`
 */
export function importMasks(text: string, fileName: string): readonly ImportedImage[] {
  try {
    const file = asObject(parseJson(new TextEncoder().encode(text), `"${fileName}"`));
    if (Array.isArray(file.images)) return importCoco(file, fileName);
    const { image, annotations } = parseSa1b(file, fileName);
    const masks = annotations.filter(hasMask);
    const objects = masks.map((annotation) => toObject(annotation));
    return [{ ...image, objects, boxes: annotations.length - masks.length }];
  } catch (cause) {
    if (cause instanceof DatasetError)
      throw new StudioError("masks-invalid", `${cause.message} Take JSON of SA-1B or COCO.`, { cause });
    throw new StudioError(
      "masks-invalid",
      `"${fileName}" is not JSON of SA-1B or COCO: ${(cause as Error).message}.`,
      { cause },
    );
  }
}

function importCoco(file: RawObject, where: string): ImportedImage[] {
  const classNames = new Map(
    listOf(file.categories).map((raw, i) => {
      const { id, name } = parseCocoCategory(raw, `${where}: category ${i}`);
      return [id, name];
    }),
  );
  const images = listOf(file.images).map((raw, i) => parseCocoImage(raw, `${where}: image ${i}`));
  const found = new Map(images.map(({ id }) => [id, { objects: [] as NewObject[], boxes: 0 }]));
  const byId = new Map(images.map((image) => [image.id, image]));
  for (const [i, raw] of listOf(file.annotations).entries()) {
    const image = byId.get(raw.image_id as number);
    if (!image)
      throw new StudioError("masks-invalid", `${where}: annotation ${i} is of no image in the file.`);
    const annotation = parseCocoAnnotation(raw, image, `${where}: annotation ${i}`);
    const ofImage = found.get(image.id)!;
    if (hasMask(annotation))
      ofImage.objects.push(toObject(annotation, classNames.get(annotation.categoryId ?? Number.NaN)));
    else ofImage.boxes++;
  }
  return images.map((image) => ({ ...image, ...found.get(image.id)! }));
}

function listOf(value: unknown): readonly RawObject[] {
  if (value === undefined) return [];
  if (Array.isArray(value)) return value.map(asObject);
  throw new TypeError("a list was expected");
}

function asObject(value: unknown): RawObject {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as RawObject;
  throw new TypeError("an object was expected");
}
