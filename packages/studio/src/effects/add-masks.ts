import { createNameMatcher } from "@segany/dataset/formats";
import type { Size } from "@segany/masks";
import { StudioError } from "../errors.js";
import type { ImportedObject } from "../formats/from-record.js";
import { type ImportedImage, type MaskFile, toImportedFile } from "../formats/imported-file.js";
import { safeFileName } from "../formats/to-record.js";
import { addClasses, type ClassList, findClass } from "../state/classes.js";
import { addObjects, type NewObject, updateObject } from "../state/edits.js";
import type { StudioStore } from "../state/studio-store.js";
import type { GalleryImage, StudioState } from "../state/types.js";
import { formatNumberOf } from "../text.js";
import { compareWithKnown } from "./known-objects.js";

/**
 * Adds the masks of a file to the images that they are of.
 *
 * @throws StudioError `masks-invalid` where no image fits
 */
export function addImported(store: StudioStore, fileName: string, file: MaskFile): void {
  const { images, classNames } = toImportedFile(file);
  const fitting = images.flatMap((imported) => {
    const image = imageOf(imported, images.length === 1, store.getState());
    return image ? [{ imported, image }] : [];
  });
  if (fitting.length === 0)
    throw new StudioError(
      "masks-invalid",
      `"${fileName}" has masks of other images than those here. Open the image first; its name and size must fit.`,
    );
  const taken: TakenImage[] = [];
  const addAll = () => {
    for (const { imported, image } of fitting) {
      const { classes } = store.getState();
      const objects = imported.objects.map((each) => withClass(each, classes.present));
      const { added, changes } = compareWithKnown(objects, image.history.present.objects, classes.present);
      taken.push({ imported, added: added.length, changed: changes.length });
      if (added.length + changes.length > 0)
        store.editImage(image.id, "Import masks", (document) =>
          addObjects(
            changes.reduce((changed, { id, ...change }) => updateObject(changed, id, change), document),
            added,
          ),
        );
    }
  };
  const addAllClasses = () =>
    store.editClasses("Import classes", (classes) => addClasses(classes, classNames));
  // What several images need is not taken back with the objects of one.
  if (fitting.length > 1) addAllClasses();
  store.together(() => {
    addAllClasses();
    addAll();
  });
  store.notify("info", [describeImport(fileName, images, taken), ...file.remarks].join(" "));
}

function withClass({ object, className }: ImportedObject, classes: ClassList): NewObject {
  const found = className === null ? null : findClass(classes, className);
  return found ? { ...object, classId: found.id } : object;
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
  /** Objects that were there and have another name or class now. */
  readonly changed: number;
}

function describeImport(
  fileName: string,
  importedImages: readonly ImportedImage[],
  taken: readonly TakenImage[],
): string {
  const count = taken.reduce((sum, { added }) => sum + added, 0);
  const changed = taken.reduce((sum, each) => sum + each.changed, 0);
  const known = taken.reduce((sum, { imported, added }) => sum + imported.objects.length - added, -changed);
  const boxes = taken.reduce((sum, { imported }) => sum + imported.boxes, 0);
  const isTaken = new Set(taken.map(({ imported }) => imported));
  const left = importedImages.filter((imported) => imported.objects.length > 0 && !isTaken.has(imported));
  return [
    `${formatNumberOf(count, "object")} imported from ${fileName}.`,
    ...(changed > 0
      ? [`${formatNumberOf(changed, "object")} already there: the file's name and class taken.`]
      : []),
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
