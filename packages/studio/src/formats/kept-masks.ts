/** An image's objects as the document that the server keeps. */

import { hasMask, parseSa1b, toSa1b } from "@segany/dataset/formats";
import type { KeptMasks, KeptMasksFrame } from "@segany/server/contract";
import { v5 } from "uuid";
import { EMPTY_DOCUMENT, type MaskObject } from "../state/document.js";
import { addObjects } from "../state/edits.js";
import type { GalleryImage } from "../state/types.js";
import { classField, toObject } from "./from-record.js";
import { safeFileName, toAnnotation } from "./to-record.js";

/** All of a document but its masks: what is known of the image, and fields of others. */
export type KeptFrame = Omit<KeptMasksFrame, "annotations">;

/** The namespace of UUIDs that are made of an image and an annotation's number. */
const NUMBERED = "6f1e2a0c-8d5b-4c7e-9a43-5b0d7f3c1e92";

/**
 * Reads the objects. One without a UUID gets one made of its number, so that it is the same in every page.
 *
 * @param known these objects as they were read before: who has no name or colour in the document keeps the
 * one that the page gave it
 * @throws DatasetError `dataset-invalid`, `annotation-invalid`, `name-unsafe`
 */
export function readKeptMasks(
  document: KeptMasksFrame,
  imageId: string,
  known: readonly MaskObject[] = [],
): readonly MaskObject[] {
  const { annotations } = parseSa1b(document, "the server's masks");
  const read = annotations
    .filter(hasMask)
    .map((annotation) => ({ ...toObject(annotation), number: annotation.id }));
  const ids = identify(read, imageId);
  const knownOf = new Map(known.map((object) => [object.id, object]));
  const found = read.map((object, i) => {
    const id = ids[i]!;
    const { name, colour } = knownOf.get(id) ?? {};
    return { ...(name !== undefined && { name }), ...(colour !== undefined && { colour }), ...object, id };
  });
  return addObjects(EMPTY_DOCUMENT, found).objects;
}

/** @param frame of the document that is replaced, whose fields stay; null for the first */
export function writeKeptMasks(
  { name, width, height, history }: GalleryImage,
  frame: KeptFrame | null,
): KeptMasks {
  const { objects } = history.present;
  const numbers = numbersFor(objects);
  const { image, annotations } = toSa1b({
    image: { id: 1, fileName: safeFileName(name), width, height },
    annotations: objects.map((object, i) => toAnnotation(object, numbers[i]!, classField(object))),
  });
  return { image, ...frame, annotations } as unknown as KeptMasks;
}

/** The UUIDs of a document's objects: their own, unless another has had it before. */
function identify(
  objects: readonly { readonly id?: string; readonly number: number }[],
  imageId: string,
): string[] {
  const own = new Set(objects.map(({ id }) => id));
  const taken = new Set<string>();
  return objects.map((object) => {
    let { id } = object;
    for (let again = 0; id === undefined || taken.has(id); again++) {
      const made = v5(`${imageId}/${object.number}/${again}`, NUMBERED);
      id = own.has(made) ? undefined : made;
    }
    taken.add(id);
    return id;
  });
}

/** Numbers for annotations, each once: those that the objects have, and for others the next ones. */
function numbersFor(objects: readonly MaskObject[]): number[] {
  const known = new Set(objects.map(({ number }) => number));
  const highest = objects.reduce((most, { number = 0 }) => Math.max(most, number), 0);
  let last = highest + objects.length <= Number.MAX_SAFE_INTEGER ? highest : 0;
  const next = () => {
    do last++;
    while (known.has(last));
    return last;
  };
  const taken = new Set<number>();
  return objects.map(({ number }) => {
    const given = number === undefined || taken.has(number) ? next() : number;
    taken.add(given);
    return given;
  });
}
