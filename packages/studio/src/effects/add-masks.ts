import { createNameMatcher } from "@segany/dataset/formats";
import type { Size } from "@segany/masks";
import { StudioError } from "../errors.js";
import { type ImportedImage, importMasks } from "../formats/import-masks.js";
import { safeFileName } from "../formats/to-record.js";
import { addObjects } from "../state/edits.js";
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
  const taken = importedImages.filter((imported) => {
    const image = imageOf(imported, importedImages.length === 1, store.getState());
    if (!image) return false;
    store.editImage(image.id, "Import masks", (document) => addObjects(document, imported.objects));
    return true;
  });
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

/** @param taken those of the imported images that are in the gallery */
function describeImport(
  fileName: string,
  importedImages: readonly ImportedImage[],
  taken: readonly ImportedImage[],
): string {
  const count = taken.reduce((sum, { objects }) => sum + objects.length, 0);
  const left = importedImages.filter(
    (imported) => imported.objects.length > 0 && !taken.includes(imported),
  ).length;
  const message = `${formatNumberOf(count, "object")} imported from ${fileName}.`;
  return left === 0
    ? message
    : `${message} It has masks of ${formatNumberOf(left, "more image")}, not open here.`;
}

function isOfSize(a: Size, b: Size): boolean {
  return a.width === b.width && a.height === b.height;
}
