import { createNameMatcher } from "@segany/dataset/formats";
import type { Size } from "@segany/masks";
import { StudioError } from "../errors.js";
import { type ImportedImage, importMasks } from "../formats/import-masks.js";
import { safeFileName } from "../formats/to-record.js";
import { addObjects } from "../state/edits.js";
import type { StudioStore } from "../state/studio-store.js";
import type { Picture, StudioState } from "../state/types.js";
import { formatNumberOf } from "../text.js";

/** Browsers make no text of much more than this, and what is read from it takes several times as much. */
const MAX_MASKS_BYTES = 256_000_000;

/**
 * Adds the masks of a file to the pictures that they are of.
 *
 * @throws StudioError `masks-invalid`, also where no picture fits
 */
export async function addMasks(store: StudioStore, file: File): Promise<void> {
  if (file.size > MAX_MASKS_BYTES)
    throw new StudioError(
      "masks-invalid",
      `"${file.name}" has ${Math.round(file.size / 1e6)} MB; this page reads ${MAX_MASKS_BYTES / 1e6} MB of masks at once. Divide the file with "segany dataset split".`,
    );
  const images = importMasks(await file.text(), file.name);
  const taken = images.filter((image) => {
    const picture = pictureOf(image, images.length === 1, store.getState());
    if (!picture) return false;
    store.editPicture(picture.id, "Import masks", (document) => addObjects(document, image.objects));
    return true;
  });
  if (taken.length === 0)
    throw new StudioError(
      "masks-invalid",
      `"${file.name}" has masks of other pictures than those here. Open the picture first; its name and size must fit.`,
    );
  store.notify("info", describeImport(file.name, images, taken));
}

/**
 * The picture that masks are of, by name and size. Those of a single image may be meant for the open picture,
 * whatever it is called.
 */
export function pictureOf(
  image: Pick<ImportedImage, "fileName" | keyof Size>,
  isSingle: boolean,
  state: Pick<StudioState, "pictures" | "openPictureId">,
): Picture | null {
  const name = safeFileName(image.fileName);
  const fitting = state.pictures.filter((picture) => isOfSize(picture, image));
  // The name of a picture is the last part of its path, so the last part of the other one tells.
  const match = createNameMatcher(fitting.map((picture) => picture.name)).find(`/${image.fileName}`);
  const named =
    fitting.find((picture) => safeFileName(picture.name) === name) ??
    fitting.find((picture) => picture.name === match?.name);
  if (named || !isSingle) return named ?? null;
  return fitting.find(({ id }) => id === state.openPictureId) ?? null;
}

/** @param taken those of the images that are in the gallery */
function describeImport(
  fileName: string,
  images: readonly ImportedImage[],
  taken: readonly ImportedImage[],
): string {
  const count = taken.reduce((sum, { objects }) => sum + objects.length, 0);
  const left = images.filter((image) => image.objects.length > 0 && !taken.includes(image)).length;
  const imported = `${formatNumberOf(count, "object")} imported from ${fileName}.`;
  return left === 0
    ? imported
    : `${imported} It has masks of ${formatNumberOf(left, "more picture")}, not open here.`;
}

function isOfSize(a: Size, b: Size): boolean {
  return a.width === b.width && a.height === b.height;
}
