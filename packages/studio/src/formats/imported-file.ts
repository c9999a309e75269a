/** What files have, as objects of the studio. */

import { type Category, type DatasetRecord, hasMask } from "@segany/dataset/formats";
import type { Size } from "@segany/masks";
import { type ImportedObject, toImportedObject } from "./from-record.js";

/** What a file says, or a set of files that are read together. */
export interface MaskFile {
  /** Its classes, in its order. */
  readonly categories: readonly Category[];
  readonly records: readonly DatasetRecord[];
  /** What was left out or changed, in sentences. */
  readonly remarks: readonly string[];
}

/** The masks of one image of a file. */
export interface ImportedImage extends Size {
  readonly fileName: string;
  readonly objects: readonly ImportedObject[];
  /** Boxes without a mask: the studio has no such objects. */
  readonly boxes: number;
}

/** What a file has for the studio. */
export interface ImportedFile {
  readonly images: readonly ImportedImage[];
  /** Names of its classes in its order, also of those that no object has. */
  readonly classNames: readonly string[];
}

/** Makes objects of a file's masks. */
export function toImportedFile({
  categories,
  records,
}: Pick<MaskFile, "categories" | "records">): ImportedFile {
  const names = new Map(categories.map(({ id, name }) => [id, name]));
  const isClassless = new Set<string>();
  const toObject = (annotation: Parameters<typeof toImportedObject>[0]): ImportedObject => {
    const name = names.get(annotation.categoryId ?? Number.NaN);
    const imported = toImportedObject(annotation, name);
    if (imported.className === null && name !== undefined) isClassless.add(name);
    return imported;
  };
  const images = records.map(({ image, annotations }) => {
    const masks = annotations.filter(hasMask);
    return { ...image, objects: masks.map(toObject), boxes: annotations.length - masks.length };
  });
  const used = new Set(images.flatMap(({ objects }) => objects.flatMap(({ className }) => className ?? [])));
  // Those that the studio has written for objects without a class are none.
  const listed = [...names.values()].filter((name) => used.has(name) || !isClassless.has(name));
  return { images, classNames: [...new Set([...listed, ...used])] };
}
