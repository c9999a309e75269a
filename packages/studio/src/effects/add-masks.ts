import { createNameMatcher } from "@segany/dataset/formats";
import { type Size, sameRuns } from "@segany/masks";
import { StudioError } from "../errors.js";
import { type ImportedImage, importMasks } from "../formats/import-masks.js";
import { safeFileName } from "../formats/to-record.js";
import type { MaskObject, MaskShape } from "../state/document.js";
import { addObjects, type NewObject } from "../state/edits.js";
import type { StudioStore } from "../state/studio-store.js";
import type { GalleryImage, StudioState } from "../state/types.js";
import { formatNumberOf } from "../text.js";

/** Browsers make no text of much more than this, and what is read from it takes several times as much. */
const MAX_MASKS_BYTES = 256_000_000;

/**
 * Adds the masks of a file to the images that they are of.
 *
 * @throws StudioError `masks-invalid`, also where no image fits
 */
export async function addMasks(store: StudioStore, file: File): Promise<void> {
  if (file.size > MAX_MASKS_BYTES)
    throw new StudioError(
      "masks-invalid",
      `"${file.name}" has ${Math.round(file.size / 1e6)} MB; this page reads ${MAX_MASKS_BYTES / 1e6} MB of masks at once. Divide the file with "segany dataset split".`,
    );
  const importedImages = importMasks(await file.text(), file.name);
  const taken: TakenImage[] = [];
  for (const imported of importedImages) {
    const image = imageOf(imported, importedImages.length === 1, store.getState());
    if (!image) continue;
    const added = withoutKnown(imported.objects, image.history.present.objects);
    taken.push({ imported, added: added.length });
    if (added.length > 0)
      store.editImage(image.id, "Import masks", (document) => addObjects(document, added));
  }
  if (taken.length === 0)
    throw new StudioError(
      "masks-invalid",
      `"${file.name}" has masks of other images than those here. Open the image first; its name and size must fit.`,
    );
  store.notify("info", describeImport(file.name, importedImages, taken));
}

/**
 * The image that masks are of, by name and size. Those of a single image may be meant for the open image,
 * whatever it is called.
 */
export function imageOf(
  imported: Pick<ImportedImage, "fileName" | keyof Size>,
  isSingle: boolean,
  state: Pick<StudioState, "images" | "openImageId">,
): GalleryImage | null {
  const name = safeFileName(imported.fileName);
  const fitting = state.images.filter((image) => isOfSize(image, imported));
  // The name of an image is the last part of its path, so the last part of the other one tells.
  const match = createNameMatcher(fitting.map((image) => image.name)).find(`/${imported.fileName}`);
  const named =
    fitting.find((image) => safeFileName(image.name) === name) ??
    fitting.find((image) => image.name === match?.name);
  if (named || !isSingle) return named ?? null;
  return fitting.find(({ id }) => id === state.openImageId) ?? null;
}

/** An image of the file that is in the gallery. */
interface TakenImage {
  readonly imported: ImportedImage;
  /** Objects that were not there before. */
  readonly added: number;
}

/**
 * Leaves out what is there already, so that a file may be imported twice: objects with the same mask, unless
 * the file gives them another name.
 */
function withoutKnown(objects: readonly NewObject[], known: readonly MaskObject[]): readonly NewObject[] {
  const keyOf = ({ areaPx, boxXywh }: MaskShape) => [areaPx, ...boxXywh].join();
  const knownOf = new Map<string, MaskObject[]>();
  for (const object of known) knownOf.set(keyOf(object), [...(knownOf.get(keyOf(object)) ?? []), object]);
  const isKnown = (object: NewObject) =>
    knownOf
      .get(keyOf(object))
      ?.some(
        ({ name, segmentation }) =>
          (object.name === undefined || object.name === name) && sameRuns(segmentation, object.segmentation),
      );
  return objects.filter((object) => !isKnown(object));
}

function describeImport(
  fileName: string,
  importedImages: readonly ImportedImage[],
  taken: readonly TakenImage[],
): string {
  const count = taken.reduce((sum, { added }) => sum + added, 0);
  const known = taken.reduce((sum, { imported, added }) => sum + imported.objects.length - added, 0);
  const boxes = taken.reduce((sum, { imported }) => sum + imported.boxes, 0);
  const isTaken = new Set(taken.map(({ imported }) => imported));
  const left = importedImages.filter((imported) => imported.objects.length > 0 && !isTaken.has(imported));
  return [
    `${formatNumberOf(count, "object")} imported from ${fileName}.`,
    ...(boxes > 0 ? [`${formatNumberOf(boxes, "annotation")} left out: a box without a mask.`] : []),
    ...(known > 0 ? [`${formatNumberOf(known, "object")} left out: already there.`] : []),
    ...(left.length > 0
      ? [`It has masks of ${formatNumberOf(left.length, "more image")}, not open here.`]
      : []),
  ].join(" ");
}

function isOfSize(a: Size, b: Size): boolean {
  return a.width === b.width && a.height === b.height;
}
